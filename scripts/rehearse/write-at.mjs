/** Writes all of `bytes` at a position: the system may take them in portions. Resolves to the position behind them.
 *  @param {import('node:fs/promises').FileHandle} file
 *  @param {Uint8Array} bytes
 *  @param {number} at */
export async function writeAt(file, bytes, at) {
  for (let done = 0; done < bytes.length; )
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  return at + bytes.length;
}
