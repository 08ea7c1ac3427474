import { expect, test } from 'vitest';
import { partOf } from './range';

const whole = () =>
  new Response(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), {
    headers: { 'content-type': 'x/y', etag: '"a"', 'content-length': '10' },
  });

async function read(range: string) {
  const part = await partOf(whole(), range);
  return {
    status: part.status,
    range: part.headers.get('content-range'),
    bytes: [...new Uint8Array(await part.arrayBuffer())],
  };
}

test('a range is answered with its bytes and where they lie', async () => {
  expect(await read('bytes=2-4')).toEqual({ status: 206, range: 'bytes 2-4/10', bytes: [2, 3, 4] });
  expect(await read('bytes=0-0')).toEqual({ status: 206, range: 'bytes 0-0/10', bytes: [0] });
  expect(await read('bytes=7-')).toEqual({ status: 206, range: 'bytes 7-9/10', bytes: [7, 8, 9] });
  const part = await partOf(whole(), 'bytes=2-4');
  expect([part.headers.get('content-length'), part.headers.get('content-type'), part.headers.get('etag')]).toEqual([
    '3',
    'x/y',
    '"a"',
  ]);
});

test('of a range that runs past the end there is what there is', async () => {
  expect(await read('bytes=8-16383')).toEqual({ status: 206, range: 'bytes 8-9/10', bytes: [8, 9] });
  expect(await read('bytes=0-10')).toMatchObject({ status: 206, range: 'bytes 0-9/10' });
});

test('behind the end there is nothing, and the size is said', async () => {
  expect(await read('bytes=10-12')).toEqual({ status: 416, range: 'bytes */10', bytes: [] });
});

test('what is not one plain range is answered with the whole', async () => {
  for (const range of ['bytes=5-2', 'bytes=-3', 'bytes=0-1,4-5', 'lines=0-1', 'bytes=', ''])
    expect(await read(range)).toMatchObject({ status: 200, range: null });
});
