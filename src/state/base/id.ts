/** An id that no other has. `randomUUID` alone would not do: a page that is neither https nor localhost is without it. */
export const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
