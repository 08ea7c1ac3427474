import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HEAD, refusedAs, whatIs } from './what-is';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const signs = (text: string, size = 400) => {
  const bytes = new Uint8Array(size);
  bytes.set([...text].map((sign) => sign.charCodeAt(0)));
  return bytes;
};
const json = (value: unknown) => bytesOf(JSON.stringify(value));

test.each<[bytes: Uint8Array, name: string, kind: string, called: string]>([
  [signs('\x89PNG\r\n\x1a\n'), 'a0-ready.png', 'other', 'a PNG picture'],
  [signs('\x89PNG\r\n\x1a\n'), 'x.recipe.json', 'other', 'a PNG picture'],
  [signs('\xff\xd8\xff\xe0'), 'x', 'other', 'a JPEG picture'],
  [signs('RIFF\0\0\0\0WEBPVP8'), 'x', 'other', 'a WebP picture'],
  [signs('%PDF-1.7'), 'x', 'other', 'a PDF document'],
  [signs('GGUF\x03'), 'x', 'other', 'a model in GGUF, which Lenslet does not open'],
  [signs('\x93NUMPY'), 'x', 'other', 'a NumPy array'],
  [signs('PK\x03\x04'), 'a.zip', 'other', 'a ZIP archive'],
  [signs('PK\x03\x04'), 'a.docx', 'other', 'an Office document'],
  [signs('PK\x03\x04'), 'layer2.sae.pt', 'dictionary', 'a PyTorch file'],
  [signs(`PK\x03\x04${'\0'.repeat(26)}archive/data.pkl`), 'weights', 'dictionary', 'a PyTorch file'],
  [signs('\x80\x02}q\0'), 'old.pt', 'dictionary', 'a PyTorch file'],
  [signs('\x40\0\0\0\0\0\0\0{"W_dec'), 'sae.safetensors', 'dictionary', 'a safetensors file'],
  [signs('\x1f\x8b\x08'), 'labels.jsonl.gz', 'labels', 'a file of labels'],
  [signs('\x1f\x8b\x08'), 'all.tar.gz', 'other', 'a gzip archive'],
  [new Uint8Array(), 'x.json', 'other', 'an empty file'],
  [signs('abc'), 'model.onnx', 'other', 'an ONNX model'],
  [signs('abc'), 'x', 'other', 'a file of bytes that are no text'],
  [Uint8Array.of(0xc3, 0x28, 0x41), 'x', 'other', 'a file of bytes that are no text'],
  [signs('\xff\xfeh\0i\0'), 'x.txt', 'other', 'a text in UTF-16, not UTF-8'],
  [bytesOf('<!DOCTYPE html><p>'), 'recipe.json', 'other', 'a web page'],
  [bytesOf('<svg xmlns="x"/>'), 'x', 'other', 'an SVG picture'],
  [bytesOf('a,b\n1,2'), 'x.csv', 'other', 'a CSV table'],
  [bytesOf('not labels'), 'batch-0.jsonl', 'other', 'a text'],
  [json({ format: 'lenslet-recipe-1', edits: [] }), 'x', 'recipe', 'a recipe'],
  [json({ format: 'lenslet-recipe-3', conversation: { messages: [] } }), 'x', 'recipe', 'a recipe'],
  [json({ model: 'x', messages: [] }), 'x.json', 'conversation', 'a conversation'],
  [json({ conversations: [{ from: 'human', value: 'a' }] }), 'x', 'conversation', 'a conversation'],
  [json([{ role: 'user', content: 'a' }]), 'x', 'conversation', 'a conversation'],
  [json({ format: 'lenslet-recipe-7' }), 'x', 'recipe', 'a recipe'],
  [bytesOf('\ufeff{ "name": "a \\" b", "edits": [{"x": 1}], "sampling": {'), 'x', 'recipe', 'a recipe'],
  [json({ format: 'lenslet-notebook-1' }), 'x', 'notebook', 'a notebook'],
  [
    bytesOf('{"description": "a", "lenslet": {"format": "lenslet-verbalization-1"}}\n{"desc'),
    'x',
    'log',
    'a log of verbalizations',
  ],
  [json({ token: '\ufffd', description: 'b' }), 'x', 'log', 'a log of verbalizations'],
  // A character that the end cuts.
  [bytesOf('{"description": "a", "token": "é').subarray(0, -1), 'x', 'log', 'a log of verbalizations'],
  [json([{ token: 'a', description: 'b' }]), 'x', 'log', 'a log of verbalizations'],
  [bytesOf('{"modelId":"q","layer":"2-res","index":"17","description":"old"}\n'), 'x', 'labels', 'a file of labels'],
  [json([{ index: 3, explanations: [] }]), 'x', 'labels', 'a file of labels'],
  [json({ nbformat: 4, cells: [] }), 'x', 'other', 'a Jupyter notebook'],
  [json({ model_type: 'qwen3' }), 'config.json', 'other', 'a model’s config.json; the whole folder is opened'],
  [json({ format: 'lenslet-effects-1' }), 'x', 'other', 'a file of Lenslet’s own (lenslet-effects-1)'],
  [json({ a: { format: 'lenslet-recipe-1' } }), 'x', 'other', 'a JSON file of another kind'],
  [bytesOf('{'), 'x', 'other', 'a JSON file of another kind'],
  [bytesOf('[[[[[['), 'x', 'other', 'a JSON file of another kind'],
])('%#: %s', (bytes, name, kind, called) => {
  expect(whatIs(bytes, name)).toEqual({ kind, called });
});

test('files that people have are what they are', () => {
  const kept = 'fixtures/kept/1';
  const found = readdirSync(kept, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && /\.(json|jsonl)$/.test(file.name))
    .map(({ parentPath, name }) => [name, whatIs(readFileSync(join(parentPath, name)).subarray(0, HEAD), name).kind]);
  const of = (kind: string) => found.filter(([, each]) => each === kind).map(([name]) => name);
  expect(of('recipe').length).toBeGreaterThan(0);
  expect(of('notebook').length).toBeGreaterThan(0);
  expect(of('log').length).toBeGreaterThan(0);
});

test('any bytes and any cut of a file have a name, at once', () => {
  const whole = json({ format: 'lenslet-recipe-1', name: '\\"'.repeat(500), edits: [{ a: '{' }], sampling: {} });
  for (let end = 0; end <= whole.length; end += 7) expect(whatIs(whole.subarray(0, end), 'x').called).not.toBe('');
  let state = 1;
  for (let round = 0; round < 300; round++) {
    const bytes = Uint8Array.from({ length: round }, () => {
      state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
      return state >> 16;
    });
    expect(whatIs(bytes, 'constructor').called).toMatch(/^an? /);
  }
  // Only the head is looked at, however deep it nests.
  expect(whatIs(bytesOf('['.repeat(5_000_000)), '__proto__').kind).toBe('other');
});

test('a wrong file is refused by what it is, with where it goes; a right one is not', () => {
  const png = whatIs(signs('\x89PNG\r\n'), 'a0-ready.png');
  expect(refusedAs(png, 'a0-ready.png', 'recipe')).toBe('a0-ready.png is not a recipe: it is a PNG picture.');
  const notebook = whatIs(json({ format: 'lenslet-notebook-1' }), 'n.json');
  expect(refusedAs(notebook, 'n.json', 'log')).toBe(
    'n.json is not a log of verbalizations: it is a notebook. A notebook is imported in the Notebook.',
  );
  expect(refusedAs(notebook, 'n.json', 'notebook')).toBeNull();
  // What would tell comes after the part that is looked at.
  const late = json({ tokens: Array(HEAD).fill('a'), results: [] });
  expect(refusedAs(whatIs(late, 'a.json'), 'a.json', 'log')).toBeNull();
  expect(refusedAs(whatIs(late.subarray(0, 500), 'a.json'), 'a.json', 'log')).toContain('a JSON file of another kind');
});
