import { expect, test } from 'vitest';
import { hubAddress, hubAddresses, hubFolder, hubPage, modelRepository } from './hub-address';

const QWEN = 'Qwen/Qwen3-1.7B-Base';

test.each([
  QWEN,
  ` ${QWEN} `,
  `${QWEN}/`,
  `https://huggingface.co/${QWEN}`,
  `https://huggingface.co/${QWEN}/`,
  ` https://huggingface.co/${QWEN}/tree/main `,
  `https://huggingface.co/${QWEN}/tree/main/sub/folder`,
  `https://huggingface.co/${QWEN}/blob/main/config.json`,
  `https://huggingface.co/${QWEN}/resolve/main/config.json?download=true#L1`,
  `https://huggingface.co/${QWEN}/discussions/3`,
  `huggingface.co/${QWEN}`,
  `http://www.huggingface.co/${QWEN}`,
  `hf.co/${QWEN}`,
  `hf://${QWEN}`,
  `hf://models/${QWEN}/config.json`,
  `hf://${QWEN}@main/`,
  `<https://huggingface.co/${QWEN}>`,
  `“${QWEN}” `,
  QWEN.replace('/', ' / '),
])('“%s” is the repository', (typed) => {
  expect(hubAddress(typed)).toEqual({ repo: QWEN });
});

test('a branch, a tag, a commit and a pull request are the revision', () => {
  const at = (path: string) => hubAddress(`https://huggingface.co/${QWEN}/${path}`).revision;
  expect(at('tree/v1.0')).toBe('v1.0');
  expect(at(`blob/${'a'.repeat(40)}/model.safetensors`)).toBe('a'.repeat(40));
  expect(at('commit/abc123')).toBe('abc123');
  expect(at('tree/refs%2Fpr%2F1')).toBe('refs/pr/1');
  expect(at('tree/refs/pr/1/sub')).toBe('refs/pr/1');
  expect(hubAddress(`hf://${QWEN}@refs%2Fpr%2F1/a.json`)).toEqual({ repo: QWEN, revision: 'refs/pr/1' });
  expect(hubAddress(`hf://${QWEN}@v2`)).toEqual({ repo: QWEN, revision: 'v2' });
});

test.each([
  [`https://huggingface.co/${QWEN}/tree/main/layer_12/width_16k`, 'layer_12/width_16k'],
  [`https://huggingface.co/${QWEN}/tree/main/l0_8.5/`, 'l0_8.5'],
  [`https://huggingface.co/${QWEN}/blob/main/layer_12/params.npz`, 'layer_12'],
  [`https://huggingface.co/${QWEN}/resolve/refs%2Fpr%2F1/a/cfg.json?download=true`, 'a'],
  [`https://huggingface.co/${QWEN}/tree/refs/pr/1/a%20b/c`, 'a b/c'],
  [`hf://${QWEN}@v2/layer_12/params.npz`, 'layer_12'],
  ['hf://EleutherAI/sae-llama/layers.12', 'layers.12'],
  [`https://huggingface.co/${QWEN}/resolve/main/l0_8.5`, 'l0_8.5'],
  [`https://huggingface.co/${QWEN}/blob/main/config.json`, null],
  [`https://huggingface.co/${QWEN}/tree/main/..%2F..%2Fa`, null],
  [`https://huggingface.co/${QWEN}/discussions/3/files`, null],
  [`https://huggingface.co/${QWEN}`, null],
  [QWEN, null],
])('“%s” shows the folder %s', (typed, folder) => {
  expect(hubFolder(typed)).toBe(folder);
});

test('a model is read from the top of its repository: the address of a folder is refused, that of a file is not', () => {
  const page = `https://huggingface.co/${QWEN}`;
  expect(() => modelRepository(`${page}/tree/main/sub`)).toThrow(/folder sub in Qwen\/Qwen3-1\.7B-Base/);
  for (const typed of [QWEN, `${page}/tree/main`, `${page}/blob/main/config.json`])
    expect(modelRepository(typed)).toEqual({ repo: QWEN });
});

test('another host is a mirror, and no page of the Hub', () => {
  const typed = `https://hf-mirror.com/${QWEN}/tree/main`;
  expect(hubAddress(typed)).toEqual({ repo: QWEN, endpoint: 'https://hf-mirror.com' });
  expect(hubPage(typed)).toBeNull();
  expect(hubPage(`https://huggingface.co/${QWEN}/tree/v2`)).toEqual({ repo: QWEN, revision: 'v2' });
});

test.each([
  '',
  'Qwen3-1.7B-Base',
  'a/b/c',
  '../../etc',
  'https://huggingface.co/Qwen',
  'https://huggingface.co/docs/transformers',
  'https://user:key@huggingface.co/a/b',
  'https://huggingface.co/a/b/tree/..%2F..%2Fmain',
  'https://huggingface.co/a/b/%zz',
  'javascript:alert(1)//a/b',
  'hf://a',
  'hf://a/b@../c',
])('“%s” is none, and is said in the words that were typed', (typed) => {
  expect(hubPage(typed)).toBeNull();
  expect(() => hubAddress(typed)).toThrow(
    expect.objectContaining({
      name: 'InvalidOptionError',
      message: `“${typed}” is not a repository name. Enter Owner/name, such as Qwen/Qwen3-1.7B-Base.`,
    }),
  );
});

test.each([
  ['https://huggingface.co/datasets/Qwen/x', 'data set'],
  ['huggingface.co/datasets/squad', 'data set'],
  ['hf://datasets/a/b', 'data set'],
  ['https://huggingface.co/spaces/Qwen/x', 'space'],
])('“%s” is refused as a %s', (typed, what) => {
  expect(hubPage(typed)).toBeNull();
  expect(() => hubAddress(typed)).toThrow(
    `“${typed}” is the address of a ${what}, not of a model or a dictionary. Enter Owner/name`,
  );
});

test('several are told apart, with blanks around their slashes too', () => {
  const repos = [{ repo: 'Me/av' }, { repo: 'Me/ar' }];
  for (const typed of ['Me/av, Me/ar', 'Me / av Me/ar', ' hf://Me/av;Me/ ar ', 'Me/av/ Me/ar/', 'hf.co/Me/av/ Me/ar'])
    expect(hubAddresses(typed)).toEqual(repos);
});
