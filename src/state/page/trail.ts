/** Marks where the reader is brought elsewhere: what keeps the browser's history makes a step of it, which Back takes
 *  back. All other changes belong to the step that they are made in. */
export interface Trail {
  /** Does what brings the page elsewhere; a step within a step is the same step. What `go` does after its first wait
   *  belongs to the step that it has made. */
  step<T>(go: () => T): T;
  /** Calls `leave` before each step and `arrive` after it, until the returned function is called. */
  follow(walker: Walker): () => void;
}

interface Walker {
  leave(): void;
  arrive(): void;
}

export function createTrail(): Trail {
  const walkers = new Set<Walker>();
  let depth = 0;
  return {
    step: (go) => {
      if (depth === 0) for (const walker of walkers) walker.leave();
      depth++;
      try {
        return go();
      } finally {
        depth--;
        if (depth === 0) for (const walker of walkers) walker.arrive();
      }
    },
    follow: (walker) => {
      walkers.add(walker);
      return () => walkers.delete(walker);
    },
  };
}
