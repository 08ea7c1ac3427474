/** SHA-256 of a stream. Its state can be saved as text, and another tab can continue from there. */
export interface RunningHash {
  update(bytes: Uint8Array): void;
  /** Base64. */
  save(): string;
  /** Returns hex, and uses up the hash. */
  digest(): string;
}

/** Starts a hash, or restores a saved state; null if it cannot read the state. */
export async function runningHash(state?: string): Promise<RunningHash | null> {
  const { createSHA256 } = await import('hash-wasm');
  const hasher = await createSHA256();
  hasher.init();
  if (state !== undefined) {
    try {
      hasher.load(Uint8Array.from(atob(state), (c) => c.charCodeAt(0)));
    } catch {
      return null;
    }
  }
  return {
    update: (bytes) => {
      hasher.update(bytes);
    },
    save: () => btoa(String.fromCharCode(...hasher.save())),
    digest: () => hasher.digest('hex'),
  };
}
