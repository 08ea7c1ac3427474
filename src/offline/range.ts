/** Part of a whole answer, as a server would send it: 206 with the bytes that there are, 416 where the file ends before
 *  the first of them. A header that is not one plain range `bytes=a-b` is answered with the whole, which HTTP
 *  allows. */
export async function partOf(whole: Response, range: string): Promise<Response> {
  const asked = /^bytes=(\d+)-(\d*)$/i.exec(range.trim());
  const begin = Number(asked?.[1]);
  const last = asked?.[2] ? Number(asked[2]) : Infinity;
  if (!asked || last < begin) return whole;
  const file = await whole.blob();
  const end = Math.min(last + 1, file.size);
  const headers = new Headers(whole.headers);
  // Lengths and encodings of the whole say nothing about its part.
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
