import { fillBlock, power, table } from '../docs/markdown.mjs';

/** docs/rehearsal.md's block out of docs/rehearsal.json.
 *  @typedef {import('./visit.mjs').Visit} Visit
 *  @typedef {ReturnType<typeof import('./compare-chats.mjs').compareChats>} Chats
 *  @typedef {Omit<typeof import('../../docs/rehearsal.json'), 'visits'> & { visits: Visit[], chats?: Chats }} Run
 *    `chats` is missing where the run was written down before there were conversations. */

/** Bytes of an answer that may be lost with its connection because they are still on their way: on one machine the
 *  system's buffers alone hold up to 32 MB of a connection. */
const LOST = 100e6;

const megabytes = (/** @type {number} */ bytes) =>
  bytes / 1e6 >= 100 ? Math.round(bytes / 1e6).toLocaleString('en-US') : (bytes / 1e6).toFixed(1);
const seconds = (/** @type {number} */ s) => (s >= 100 ? s.toFixed(0) : s.toFixed(1));
const rate = (/** @type {number | undefined} */ bytes, /** @type {number} */ s) =>
  bytes && s > 0 ? (bytes / 1e6 / s).toFixed(0) : '';

const figures = (/** @type {string[]} */ head, /** @type {(string | number)[][]} */ rows) => table(head, rows, true);

/** The block's text, between its marks. */
export function render(/** @type {Run} */ run) {
  const { visits, codes, sink } = run;
  const stages = visits.flatMap((visit) =>
    visit.stages.map(({ name, seconds: s, bytes }) => [
      `${visit.name}: ${name}`,
      seconds(s),
      bytes ? megabytes(bytes) : '',
      rate(bytes, s),
    ]),
  );
  /** @type {(visit: Visit, what: keyof Visit['peak']) => string} */
  const memory = ({ peak }, what) => (peak[what] ? megabytes(peak[what]) : '');
  return [
    `${run.model} with layer ${run.layer} of ${run.dictionary}, kept as ${run.format}; ${run.tokens} tokens of text.`,
    `${run.machine.browser} on ${run.machine.cores} cores and ${run.machine.memory} GB of memory, WebGPU ${run.machine.software ? 'in software' : 'on a GPU'} (${run.machine.adapter}), ${run.machine.date}.`,
    '',
    figures(['stage', 'seconds', 'MB', 'MB/s'], stages),
    '',
    figures(
      ['', ...visits.map(({ name }) => name)],
      [
        [
          'seconds from the click until the text of the link is traced',
          ...visits.map((visit) => (visit.opened === null ? 'closed before' : seconds(visit.opened))),
        ],
        ['requests', ...visits.map((visit) => visit.requests)],
        ['MB from the Hub', ...visits.map((visit) => megabytes(visit.downloaded))],
        ['peak of JavaScript memory, MB', ...visits.map((visit) => memory(visit, 'javascript'))],
        ['peak of the page’s process, MB', ...visits.map((visit) => memory(visit, 'renderer'))],
        ['peak of the GPU process, MB', ...visits.map((visit) => memory(visit, 'gpu'))],
      ],
    ),
    '',
    figures(
      ['', ''],
      [
        ['files of the model and of the layer, MB', megabytes(run.files.model + run.files.dictionary)],
        ['downloaded in all, MB', megabytes(visits.reduce((sum, visit) => sum + visit.downloaded, 0))],
        ['kept in this browser, MB', megabytes(run.kept)],
        [
          'weights and dictionary on the GPU, MB',
          `${megabytes(run.memory.weights)} and ${megabytes(run.memory.dictionaries)}`,
        ],
        ['browser closed: goes on at MB', megabytes(run.faults.closed)],
        [
          'connection cut at MB: goes on at MB, what was on its way being lost',
          `${megabytes(run.faults.cut)}: ${megabytes(run.faults.resumed)}`,
        ],
        [`limit of JavaScript memory, MB`, megabytes(run.limit)],
        [
          'norm of the residual at the first token, and the median of the others',
          `${sink.first.toFixed(0)}, ${sink.median.toFixed(1)}`,
        ],
        ['codes compared with the oracle', codes.slots.toLocaleString('en-US')],
        ['ids that differ and are no ties; ties', `${codes.different}; ${codes.ties}`],
        ['largest difference of a value (of the value, above 1)', power(codes.values)],
        ['largest difference of an FVU', power(codes.fvu)],
        ['codes after opening again that are not the same bits', run.again],
        ...(run.chats ? chatFigures(run.chats) : []),
      ],
    ),
  ].join('\n');
}

/** @param {Chats} chats
 *  @returns {(string | number)[][]} */
const chatFigures = ({ tokens, different, split, thinking }) => [
  ['conversations in Chinese: tokens without thinking, with it, and in the middle of a thought', tokens.join(', ')],
  ['of them parts of a character; of a thought, with what was generated', `${split}; ${thinking}`],
  ['tokens, or their places, that differ from those read in Node', different],
];

/** The document with the block filled. Throws where it has no such block. */
export const fill = (/** @type {string} */ text, /** @type {Run} */ run) => fillBlock(text, 'rehearsal', render(run));

/** The faults of a run, in sentences; none: the run passed. */
export function problemsOf(/** @type {Run} */ run) {
  const problems = [];
  for (const visit of run.visits) {
    if (visit.peak.javascript > run.limit)
      problems.push(
        `JavaScript held ${megabytes(visit.peak.javascript)} MB in "${visit.name}"; the limit is ${megabytes(run.limit)} MB.`,
      );
  }
  const { different, beyond, values, slots } = run.codes;
  if (slots === 0) problems.push('No code was compared.');
  if (different) problems.push(`${different} of ${slots} ids differ from the oracle's and are no ties.`);
  if (beyond) problems.push(`${beyond} of ${slots} values differ from the oracle's, by up to ${power(values)}.`);
  if (!(run.codes.fvu <= 1e-3)) problems.push(`An FVU differs from the oracle's by ${power(run.codes.fvu)}.`);
  const last = run.visits[run.visits.length - 1];
  if (last.requests) problems.push(`${last.requests} requests reached the Hub though everything was kept.`);
  if (run.again) problems.push(`${run.again} codes changed between the two openings.`);
  const files = run.files.model + run.files.dictionary;
  const downloaded = run.visits.reduce((sum, visit) => sum + visit.downloaded, 0);
  if (downloaded > files * 1.05 + 100e6)
    problems.push(
      `${megabytes(downloaded)} MB were fetched for files of ${megabytes(files)} MB: something was fetched twice.`,
    );
  const { closed, cut, resumed } = run.faults;
  if (!(closed > 0)) problems.push('The download began anew after the browser was closed.');
  if (!(resumed > closed && resumed > cut - LOST))
    problems.push('The download did not go on where the connection was cut.');
  if (run.chats) problems.push(...chatProblems(run.chats));
  if (!(run.sink.first > 20 * run.sink.median)) problems.push('The planted sink is no sink.');
  return problems;
}

/** @param {Chats} chats */
function chatProblems({ vocabulary, templates, knowsThinking, different, split, thinking, misplaced }) {
  const problems = [];
  if (vocabulary !== 151_936) problems.push(`The model has ${vocabulary} ids, not Qwen3's.`);
  if (templates.join() !== 'default' || !knowsThinking)
    problems.push('The template, or its thinking switch, is missing.');
  if (different)
    problems.push(`${different} tokens of conversations, or their places, differ from those read in Node.`);
  if (!split || !thinking) problems.push('The conversations have no byte-split characters, or no thoughts.');
  if (misplaced) problems.push(`${misplaced} generated tokens are not of the begun thought.`);
  return problems;
}
