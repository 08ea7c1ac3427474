/** SHA-256 of bytes as they come; its state can be kept as text, and the hash gone on with in another tab. */
export interface RunningHash {
  update(bytes: Uint8Array): void;
  /** Base64. */
  save(): string;
  /** In hex; the hash is used up. */
  digest(): string;
}

/** A hash at its beginning, or in a state that was saved; null where the state is none of this hash's. */
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
