import type { InferOutput } from 'valibot';
import { CorruptFileError, InvalidOptionError } from '../../api/errors';
import { jsonText } from '../../exchange/json-text';
import { read, readJson, refuse } from '../../exchange/schemas';
import { hashText } from '../prompts/hash';
import type { Experiment } from './experiment';
import { experimentData, experimentHash, readExperiment } from './experiment-file';
import { type DevelopmentLog, REGISTRATION_FORMAT, type Registration, type Report } from './report';
import { registrationSchema, reportSchema } from './report-schema';
import { parsedTrialId } from './trial';

/** In UTF-16 units. */
const MOST_TEXT = 200_000_000;

/** Freezes an experiment. `at`: the time; `testLooks`: see Registration. */
export async function register(
  experiment: Experiment,
  at: Date,
  development: DevelopmentLog,
  testLooks: Record<string, number> = {},
): Promise<Registration> {
  const frozen = await readExperiment(await experimentData(experiment), 'The experiment');
  if (Number.isNaN(at.getTime())) throw new InvalidOptionError('The time of a registration is no time.');
  return {
    format: REGISTRATION_FORMAT,
    experiment: frozen,
    sha256: await experimentHash(frozen),
    at: at.toISOString(),
    development,
    testLooks,
  };
}

/** The hash of a test set: SHA-256 of its prompts' ids, ascending, a line each. */
export const testSetHash = (ids: readonly string[]): Promise<string> =>
  hashText(
    [...new Set(ids)]
      .sort()
      .map((id) => `${id}\n`)
      .join(''),
  );

/** Parses a registration. Throws CorruptFileError, also for an experiment that was changed after it was frozen. */
export async function parseRegistration(text: string, file = 'The registration'): Promise<Registration> {
  return registrationOf(readJson(registrationSchema, bytesOf(text, file), file), file);
}

/** Parses a report. Throws CorruptFileError, also for a trial of a claim or prompt that the experiment does not have. */
export async function parseReport(text: string, file = 'The report'): Promise<Report> {
  const given = readJson(reportSchema, bytesOf(text, file), file);
  const registration = await registrationOf(given.registration, `${file}: registration`);
  const report: Report = { ...given, registration };
  checkTrials(report, file);
  return report;
}

export async function writeRegistration(registration: Registration): Promise<string> {
  return jsonText(await registrationData(registration));
}

/** Writes a report with its trials in the order of their ids: equal reports are equal bytes. */
export async function writeReport(report: Report): Promise<string> {
  const plain = { ...report, registration: await registrationData(report.registration) };
  const text = jsonText(read(reportSchema, plain, 'The report'));
  await parseReport(text);
  return text;
}

async function registrationData(registration: Registration): Promise<object> {
  const data = { ...registration, experiment: await experimentData(registration.experiment) };
  await registrationOf(read(registrationSchema, data, 'The registration'), 'The registration');
  return read(registrationSchema, data, 'The registration');
}

async function registrationOf(given: InferOutput<typeof registrationSchema>, file: string): Promise<Registration> {
  const experiment = await readExperiment(given.experiment, `${file}: experiment`);
  const sha256 = await experimentHash(experiment);
  if (sha256 !== given.sha256)
    throw new CorruptFileError(
      `${file}: the experiment has the SHA-256 ${sha256}, and ${given.sha256} was registered: it was changed afterwards. Register it again.`,
      { file, key: 'sha256' },
    );
  return { ...given, experiment };
}

function checkTrials({ registration: { experiment }, trials, statistics, verdicts }: Report, file: string): void {
  const claims = new Set(experiment.claims.map(({ id }) => id));
  const prompts = new Set(Object.values(experiment.prompts).flatMap(({ items }) => items.map(({ id }) => id)));
  const outcomes = (names: object) => Object.keys(names).every((name) => Object.hasOwn(experiment.outcomes, name));
  for (const { id, outcomes: judged, scores = {} } of trials) {
    const { claim, prompt } = parsedTrialId(id)!;
    if (!claims.has(claim) || !prompts.has(prompt))
      refuse(`${file}: trials`, 'id', 'must be of a claim and a prompt of the experiment', id);
    if (!outcomes(judged) || !outcomes(scores))
      refuse(`${file}: trial ${id}`, 'outcomes', 'must be outcomes of the experiment', Object.keys(judged));
  }
  for (const { claim } of [...statistics, ...verdicts])
    if (!claims.has(claim)) refuse(file, 'claim', 'must be a claim of the experiment', claim);
}

function bytesOf(text: string, file: string): Uint8Array {
  if (text.length > MOST_TEXT)
    throw new CorruptFileError(`${file} has ${text.length} characters; at most ${MOST_TEXT} are read.`, { file });
  return new TextEncoder().encode(text);
}
