import { type Chat, ROLES } from '../../lens/api/chat';
import { type Place, parseWhere, writeWhere } from '../../lens/maths/where';
import { tokensSay } from '../../state/reading/place-words';

/** Whose tokens: the part of a place that says so. */
export type Whose = Pick<Place, 'role' | 'turn' | 'section'>;

/** The choice that leaves it open. */
export const EVERYONE = 'everyone';

interface Option {
  value: string;
  label: string;
}

/** A place's choice. Only the assistant answers and thinks, so that it need not be named. */
export function whoseOf({ role, turn, section }: Whose): string {
  const speaker = section && turn === undefined ? (role ?? 'assistant') : role;
  const written = writeWhere({ role: speaker, turn, section });
  return written === 'all' ? EVERYONE : written;
}

/** What a choice makes of a place. */
export function whoseIn(value: string): Whose {
  const { role, turn, section } = value === EVERYONE ? {} : parseWhere(value);
  return { role, turn, section };
}

/** What there is to choose: speakers, what the assistant says and, where it does, thinks, each turn with the one that is
 *  generated next, and the present choice, also where none of these says it. */
export function whoseOptions(chat: Chat | null, thinks: boolean, own: string): Option[] {
  const roles = chat?.messages.map(({ role }) => role) ?? [];
  const next = roles.length > 0 && roles.at(-1) !== 'assistant';
  const options: Option[] = [
    { value: EVERYONE, label: 'everyone' },
    ...ROLES.map((role) => ({ value: role, label: role })),
    { value: 'assistant.answer', label: 'the assistant’s answers' },
    ...(thinks ? [{ value: 'assistant.thinking', label: 'the assistant’s thinking' }] : []),
    ...roles.map((role, turn) => ({ value: `turn${turn}`, label: `turn ${turn}, ${role}` })),
    ...(next ? [{ value: `turn${roles.length}`, label: `turn ${roles.length}, next: assistant` }] : []),
  ];
  if (options.some(({ value }) => value === own)) return options;
  return [...options, { value: own, label: tokensSay(whoseIn(own)) }];
}
