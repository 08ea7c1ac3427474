/** The exact tokens of answers, by their words: a text may have several tokenizations. */
export interface Exact {
  put(content: string, model: string, ids: number[]): void;
  of(content: string, model: string): number[] | undefined;
}

/** Holds the tokens of the `most` answers that were put last. */
export function createExact(most = 200): Exact {
  const all = new Map<string, number[]>();
  const key = (content: string, model: string) => JSON.stringify([model, content]);
  return {
    put: (content, model, ids) => {
      const mine = key(content, model);
      all.delete(mine);
      all.set(mine, ids);
      if (all.size > most) all.delete(all.keys().next().value!);
    },
    of: (content, model) => all.get(key(content, model)),
  };
}
