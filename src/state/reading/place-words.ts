import type { Place } from '../../lens/maths/where';

const PHASES = {
  prompt: 'the prompt',
  generated: 'what is generated',
  'from-last': 'the prompt’s last token and what is generated',
} as const;

function phaseSays(phase: NonNullable<Place['phase']>): string {
  if (typeof phase === 'string') return PHASES[phase];
  return phase.first === 1 ? 'the first generated token' : `the first ${phase.first} generated tokens`;
}

/** Whose tokens, in words; null where a place names neither speaker nor turn nor section. */
function whoseSays({ role, turn, section }: Place): string | null {
  const whose = turn !== undefined ? `turn ${turn}` : role ? `the ${role}’s turns` : null;
  // Only the assistant thinks and answers.
  const what =
    section === 'thinking' ? 'thinking' : section === 'answer' ? (turn === undefined ? 'answers' : 'answer') : null;
  const other = turn !== undefined && role ? `, if it is the ${role}’s` : '';
  if (!what) return whose && `${whose}${other}`;
  if (turn !== undefined) return `the ${what} of ${whose}${other}`;
  return role && role !== 'assistant' ? `the ${what} in ${whose}` : `the assistant’s ${what}`;
}

/** The tokens that a place reaches, in words: "the prompt, in the user’s turns, without template and special tokens". */
export function tokensSay(place: Place): string {
  const whose = whoseSays(place);
  const when = place.phase && phaseSays(place.phase);
  const which = when ? `${when}${whose ? `, in ${whose}` : ''}` : (whose ?? 'all tokens');
  return `${which}${place.text ? ', without template and special tokens' : ''}`;
}

/** Whether a place speaks of turns, which a plain text has none of. */
export const namesTurns = ({ role, turn, section }: Place): boolean =>
  role !== undefined || turn !== undefined || section !== undefined;
