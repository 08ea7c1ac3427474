import { type ChatSpan, ROLES, type Role } from '../api/chat';
import type { Edit } from '../api/edit';
import { InvalidEditError } from '../api/errors';

/** Which tokens, in parts; each given part narrows. */
export interface Place {
  phase?: 'prompt' | 'generated' | 'from-last' | { first: number };
  role?: Role;
  /** Index of a message. */
  turn?: number;
  section?: 'thinking' | 'answer';
  /** No token of the template, and no special one. */
  text?: true;
}

/** What decides whether an edit reaches a token. */
export interface TokenFacts {
  position: number;
  /** Tokens of the prompt. */
  prompt: number;
  special: boolean;
  /** Null in a plain text. */
  span: ChatSpan | null;
}

/** Whether a turn begins with a token, of which a plain text has one. `before`: the token before it. */
export const beginsTurn = (token: TokenFacts, before: TokenFacts | undefined): boolean =>
  token.span?.turn !== before?.span?.turn;

const MOST = 1_000_000;

/** Reads the written form of Edit.where: words joined by full stops, each of which narrows. Throws InvalidEditError. */
export function parseWhere(text: string): Place {
  const place: Place = {};
  const words = text === 'all' ? [] : text.split('.');
  for (const word of words) {
    const part = partOf(word);
    const [key] = Object.keys(part ?? {}) as (keyof Place)[];
    if (!part || !key)
      throw new InvalidEditError(
        `"where" holds "${word.slice(0, 40)}". It is all, or words joined by full stops: prompt, generated, first16, from-last; system, user, assistant; turn2; thinking, answer; text.`,
      );
    if (key in place) throw new InvalidEditError(`"where" says "${text.slice(0, 80)}": two words for one thing.`);
    Object.assign(place, part);
  }
  return place;
}

function partOf(word: string): Place | null {
  const [, name, digits] = /^(first|turn)(\d{1,7})$/.exec(word) ?? [];
  const n = Number(digits);
  if (name === 'first') return n >= 1 && n <= MOST ? { phase: { first: n } } : null;
  if (name === 'turn') return n <= MOST ? { turn: n } : null;
  if (word === 'prompt' || word === 'generated' || word === 'from-last') return { phase: word };
  if (word === 'thinking' || word === 'answer') return { section: word };
  if (word === 'text') return { text: true };
  const role = ROLES.find((known) => known === word);
  return role ? { role } : null;
}

/** The written form, its words in a fixed order. */
export function writeWhere({ phase, role, turn, section, text }: Place): string {
  const words = [
    typeof phase === 'object' ? `first${phase.first}` : phase,
    role,
    turn === undefined ? undefined : `turn${turn}`,
    section,
    text && 'text',
  ].filter((word) => word !== undefined);
  return words.join('.') || 'all';
}

/** Whether an edit asked for `where` reaches a token. */
export function reaches(where: Place | number[], { position, prompt, special, span }: TokenFacts): boolean {
  if (Array.isArray(where)) return where.includes(position);
  const { phase, role, turn, section, text } = where;
  if (phase === 'prompt' && position >= prompt) return false;
  if (phase === 'generated' && position < prompt) return false;
  if (phase === 'from-last' && position < prompt - 1) return false;
  if (typeof phase === 'object' && (position < prompt || position >= prompt + phase.first)) return false;
  if (role !== undefined && span?.role !== role) return false;
  if (turn !== undefined && span?.turn !== turn) return false;
  if (section === 'thinking' && span?.section !== 'thinking') return false;
  if (section === 'answer' && !(span?.role === 'assistant' && span.section === 'content')) return false;
  return !(text && (special || span?.section === 'template'));
}

/** Edit.where in parts; positions stay a list. Throws InvalidEditError. */
export const placeOf = ({ where = 'all' }: Pick<Edit, 'where'>): Place | number[] =>
  Array.isArray(where) ? where : parseWhere(where);
