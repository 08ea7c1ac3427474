import { expect, test } from 'vitest';
import { CorruptFileError, InvalidOptionError } from '../../api/errors';
import { written } from '../testing/experiment';
import { parseExperiment, writeExperiment } from './experiment-file';
import type { Report } from './report';
import { parseRegistration, parseReport, register, testSetHash, writeRegistration, writeReport } from './report-file';
import { parsedTrialId, type Trial, trialId } from './trial';

const LOG = { features: 12, groups: 0, sentences: 0, doses: 5, predicates: 1, prompts: 8 };
const AT = new Date('2026-03-01T12:00:00.000Z');
const registered = async () => register(await parseExperiment(written()), AT, LOG, { ['d'.repeat(64)]: 1 });

async function reported(): Promise<Report> {
  const registration = await registered();
  const trial = (arm: string, seed: number): Trial => ({
    id: trialId({ claim: 'a', arm, dose: 1, prompt: registration.experiment.prompts.main!.items[0]!.id, seed }),
    split: 'test',
    tokens: [5, 6, 7],
    text: 'Tea [\n1\n]',
    done: 'length',
    outcomes: { long: 0, english: null },
    scores: { english: -0.1 },
    kl: null,
    surprisal: 2.5,
    alone: null,
    scored: 3,
    acted: 9,
    of: 11,
    change: 30.1,
    norm: 60,
  });
  const limits = { mean: 0.5, low: 0.4, high: null };
  const family = {
    draws: 39,
    reached: 0,
    p: 0.025,
    excess: limits,
    median: 0,
    p95: 0.1,
    largest: [{ draw: '3:662', value: 0.3 }],
  };
  return {
    format: 'lenslet-causal-report-1',
    registration,
    environment: {
      provider: 'wasm',
      adapter: null,
      dtype: 'float32',
      format: 'f32',
      sha256: null,
      lenslet: '0.1.0',
      runtime: 'node',
    },
    trials: [trial('none', 0), trial('edit', 0), trial('direction:10', 0), trial('sentence:shuffled:3', 1)],
    statistics: [
      {
        claim: 'a',
        dose: 1,
        n: 20,
        seeds: 1,
        clusters: 20,
        arms: { none: { ...limits, undecided: 0, degenerate: 0, perplexity: 8, kl: 0 } },
        effect: { ...limits, gained: 9, lost: 1, against: 0.05 },
        families: { feature: family, direction: family },
        pNone: 0.01,
        p: 0.025,
        pHolm: null,
        guard: { passes: true, bound: 2, reference: 1.9 },
        keeps: { long: { ...limits, held: null } },
        beyondNatural: 1.4,
      },
    ],
    verdicts: [{ claim: 'a', verdict: 'no-effect', variant: 'not-specific', status: 'confirmatory', sentence: 'No.' }],
    ledger: [
      {
        testSet: 'd'.repeat(64),
        at: AT.toISOString(),
        sha256: registration.sha256,
        look: 2,
        verdicts: [{ claim: 'a', verdict: 'no-effect' }],
      },
    ],
  };
}

test('a trial’s id has five parts, and is read back', () => {
  const parts = { claim: 'a.b-c', arm: 'kl:feature:12', dose: -0.25, prompt: '0123456789ab', seed: 3 };
  expect(trialId(parts)).toBe('a.b-c|kl:feature:12|-0.25|0123456789ab|3');
  expect(parsedTrialId(trialId(parts))).toEqual(parts);
  expect(trialId({ ...parts, dose: -0 })).toContain('|0|');
  for (const wrong of [
    { claim: 'a|b' },
    { arm: 'directions:1' },
    { arm: 'direction:01' },
    { dose: Number.NaN },
    { prompt: 'x' },
    { seed: 0.5 },
  ])
    expect(() => trialId({ ...parts, ...wrong })).toThrow(InvalidOptionError);
  for (const wrong of ['', 'a|edit|1.0|0123456789ab|0', 'a|edit|1|0123456789ab|0|', 'a|edit|1e999|0123456789ab|0'])
    expect(parsedTrialId(wrong)).toBe(null);
});

test('a registration freezes the experiment: one that was changed afterwards is refused', async () => {
  const registration = await registered();
  const text = await writeRegistration(registration);
  expect(await parseRegistration(text)).toEqual(registration);
  expect(await writeRegistration(await parseRegistration(text))).toBe(text);
  for (const [from, to] of [
    ['"margin": 0.1', '"margin": 0.09'],
    ['"atLeast": 12', '"atLeast": 1'],
    ['"alpha": 0.05', '"alpha": 0.1'],
  ] as const) {
    expect(text).toContain(from);
    await expect(parseRegistration(text.replace(from, to))).rejects.toThrow(/changed afterwards. Register it again/);
  }
  await expect(parseRegistration(text.replace('2026-03-01T', '2026-03-01 '))).rejects.toThrow(/"at" must be a time/);
  await expect(parseRegistration(text.replace('"features": 12', '"features": -1'))).rejects.toThrow(CorruptFileError);
});

test('a test set is named by its ids in any order', async () => {
  expect(await testSetHash(['b', 'a', 'b'])).toBe(await testSetHash(['a', 'b']));
  expect(await testSetHash(['a', 'b'])).not.toBe(await testSetHash(['ab']));
});

test('a report is read again as it was, and the order in which trials ran does not show', async () => {
  const report = await reported();
  const text = await writeReport(report);
  const back = await parseReport(text);
  expect(back.trials.map(({ id }) => id)).toEqual(report.trials.map(({ id }) => id).sort());
  expect({ ...back, trials: [] }).toEqual({ ...report, trials: [] });
  expect(await writeReport({ ...report, trials: report.trials.toReversed() })).toBe(text);
  expect(await writeReport(back)).toBe(text);
  expect(text).toContain(JSON.stringify('Tea [\n1\n]'));
  expect(await writeExperiment(back.registration.experiment)).toBe(
    await writeExperiment(report.registration.experiment),
  );
});

test('a report of other trials, claims or outcomes, and one that is no report, is refused', async () => {
  const report = await reported();
  const [first] = report.trials;
  const other = (id: string) => ({ trials: [{ ...first!, id }] });
  for (const [more, message] of [
    [other(first!.id.replace(/^a/, 'b')), /of a claim and a prompt of the experiment/],
    [other(first!.id.replace(/[0-9a-f]{12}/, '000000000000')), /of a claim and a prompt of the experiment/],
    [other('a|edit'), /"id" must be claim\|arm\|dose\|prompt\|seed/],
    [{ trials: [first!, first!] }, /must hold each trial once/],
    [{ trials: [{ ...first!, outcomes: { other: 1 } }] }, /must be outcomes of the experiment/],
    [{ trials: [{ ...first!, outcomes: { long: 2 } }] }, /must be a number from 0 to 1/],
    [{ trials: [{ ...first!, extra: 1 }] }, /has the key "extra"/],
    [{ verdicts: [{ ...report.verdicts[0]!, claim: 'b' }] }, /must be a claim of the experiment/],
    [{ verdicts: [{ ...report.verdicts[0]!, verdict: 'proves' }] }, /"verdict" must be one of/],
    [{ ledger: [{ ...report.ledger[0]!, look: 0 }] }, /"look" must be a whole number from 1/],
  ] as [object, RegExp][]) {
    await expect(writeReport({ ...report, ...more } as Report)).rejects.toThrow(message);
    await expect(writeReport({ ...report, ...more } as Report)).rejects.toThrow(CorruptFileError);
  }
});
