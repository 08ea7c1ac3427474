/** Cuts a part out of a whole answer, as a server would: 206 with the available bytes, or 416 if the file ends before
 *  the first of them. For any header but one plain range `bytes=a-b` it returns the whole, which HTTP allows. */
export async function partOf(whole: Response, range: string): Promise<Response> {
  const asked = /^bytes=(\d+)-(\d*)$/i.exec(range.trim());
  const begin = Number(asked?.[1]);
  const last = asked?.[2] ? Number(asked[2]) : Infinity;
  if (!asked || last < begin) return whole;
  const file = await whole.blob();
  const end = Math.min(last + 1, file.size);
  const headers = new Headers(whole.headers);
  // Length and encoding of the whole do not apply to the part.
  headers.delete('content-encoding');
  if (begin >= file.size) {
    headers.set('content-range', `bytes */${file.size}`);
    headers.set('content-length', '0');
    return new Response(null, { status: 416, statusText: 'Range Not Satisfiable', headers });
  }
  headers.set('content-range', `bytes ${begin}-${end - 1}/${file.size}`);
  headers.set('content-length', String(end - begin));
  return new Response(file.slice(begin, end), { status: 206, statusText: 'Partial Content', headers });
}
