import { ROLES } from '../../lens/api/chat';
import { isTemplate } from './chips';
import { tokensSay } from './place-words';
import { placeIn } from './positions';
import type { Part } from './turns';

/** A part of a conversation that lists can be over. */
export interface Scope {
  /** As Edit.where writes it. */
  where: string;
  says: string;
}

/** What of a conversation a list can be over, beside all of it: who speaks, thinking and answers where there are both,
 *  and each turn with its own. */
export function scopesOf(parts: readonly Part[]): Scope[] {
  const roles = ROLES.filter((role) => parts.some((part) => part.role === role));
  const thinks = parts.some(({ section }) => section === 'thinking');
  const turns = parts.flatMap(({ turn, role, section, chips }): Scope[] => {
    // A turn that is yet to be written has nothing to list.
    if (turn === null || chips.every(isTemplate)) return [];
    const whole = { where: `turn${turn}`, says: `turn ${turn}, ${role}` };
    const own = (what: string) => ({ where: `turn${turn}.${what}`, says: `turn ${turn}, ${what}` });
    return section === 'answer' ? [own(section)] : section === 'thinking' ? [whole, own(section)] : [whole];
  });
  const named = [...roles, ...(thinks ? ['thinking', 'answer'] : [])];
  return [...named.map((where) => ({ where, says: scopeSays(where) })), ...unique(turns)];
}

const unique = (scopes: readonly Scope[]): Scope[] =>
  scopes.filter(({ where }, i) => scopes.findIndex((other) => other.where === where) === i);

/** A scope in words. */
export function scopeSays(where: string): string {
  const place = placeIn(where);
  return place ? tokensSay(place) : where;
}

/** The options, with the present value among them. */
export const withOwn = (scopes: readonly Scope[], own: string | null): readonly Scope[] =>
  own === null || scopes.some(({ where }) => where === own)
    ? scopes
    : [...scopes, { where: own, says: scopeSays(own) }];
