import { expect, test } from 'vitest';
import { CorruptFileError, UnsupportedModelError } from '../api/errors';
import { fillTemplate, parseNlaMeta } from './nla-meta';

const AV = `kind: nla_model
schema_version: 2
role: av
d_model: 3584
extraction:
  base_model: Qwen/Qwen2.5-7B-Instruct
  layer_index: 20
  injection_scale: 150
  mse_scale: sqrt_d_model
tokens:
  injection_char: ㈎
  injection_token_id: 149705
  injection_left_neighbor_id: 29
  injection_right_neighbor_id: 522
  critic_suffix_ids: [1318, 29, 366, 1708, 29]
prompt_templates:
  av: |
    A vector:
    <concept>{injection_char}</concept>
  ar: "Summary of the following text: <text>{explanation}</text> <summary>"
`;
const AR = AV.replace('role: av', 'role: ar');
const parse = (text: string) => parseNlaMeta(new TextEncoder().encode(text), 'av/nla_meta.yaml');
const without = (key: string) => AV.replace(new RegExp(`^.*\\b${key}:.*\\n`, 'm'), '');

test('reads what a released pair states, each half its own', () => {
  expect(parse(AV)).toEqual({
    role: 'av',
    d: 3584,
    layer: 20,
    scale: 150,
    marker: { text: '㈎', id: 149705, left: 29, right: 522 },
    suffix: null,
    template: 'A vector:\n<concept>{injection_char}</concept>\n',
  });
  expect(parse(AR)).toMatchObject({ role: 'ar', marker: null, suffix: [1318, 29, 366, 1708, 29] });
  expect(parse(AR).template).toBe('Summary of the following text: <text>{explanation}</text> <summary>');
  expect(parse(AR.replace(/ {2}critic.*\n/, '')).suffix).toBeNull();
});

test('the older names mean the same', () => {
  expect(parse(AV.replace('role: av', 'role: actor').replace('  av:', '  actor:'))).toEqual(parse(AV));
  expect(parse(AV.replace('role: av', 'role: critic').replace('  ar:', '  critic:'))).toEqual(parse(AR));
});

test.each([
  ['injection_scale: sqrt_d_model', Math.sqrt(3584)],
  ['injection_scale: 1.0126', 1.0126],
  ['injection_scale: raw', null],
  ['injection_scale: null', null],
  ['injection_scale: ~', null],
  ['injection_scale: none', null],
  ['injection_scale: "150.0"', 150],
  ['injection_scale: 8e4', 80_000],
  ['injection_scale: "8e4"', 80_000],
  ['injection_scale: +30', 30],
  ['', Math.sqrt(3584)],
])('the norm under "%s" is %s', (line, scale) => {
  expect(parse(AV.replace('injection_scale: 150', line)).scale).toBe(scale);
});

test.each([
  ['kind', /"kind"/],
  ['role', /"role"/],
  ['d_model', /"d_model"/],
  ['layer_index', /extraction: "layer_index"/],
  ['injection_char', /tokens: "injection_char"/],
  ['injection_token_id', /"injection_token_id"/],
  ['injection_right_neighbor_id', /"injection_right_neighbor_id"/],
])('refuses a file without %s by name', (key, named) => {
  expect(() => parse(without(key))).toThrow(CorruptFileError);
  expect(() => parse(without(key))).toThrow(named);
});

test.each([
  ['injection_scale: 150', 'injection_scale: loud'],
  ['injection_scale: 150', 'injection_scale: -3'],
  ['injection_scale: 150', 'injection_scale: "0"'],
  ['injection_scale: 150', 'injection_scale: ""'],
  ['injection_scale: 150', 'injection_scale: [150]'],
  ['injection_scale: 150', 'injection_scale: .inf'],
  ['injection_scale: 150', 'injection_scale: .nan'],
  ['layer_index: 20', 'layer_index: 20.5'],
  ['[1318, 29, 366, 1708, 29]', '[1318, x]'],
  ['{injection_char}', '{explanation}'],
  ['{injection_char}', '{injection_char}{injection_char}'],
  ['{injection_char}', 'nothing'],
])('refuses %s as %s', (from, to) => {
  const text = (from.startsWith('[') ? AR : AV).replace(from, to);
  expect(() => parse(text)).toThrow(CorruptFileError);
});

test('a brace that Python would not take is refused', () => {
  expect(() => parse(AV.replace('A vector:', 'A {vector:'))).toThrow(UnsupportedModelError);
});

test.each([
  ['an alias', 'a: &x [1]\nb: *x\n'],
  [
    'aliases of aliases',
    `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefgh'.replace(/./g, (c, i: number) => `${c}: &${c} [*${'abcdefg'[i]}, *${'abcdefg'[i]}]\n`)}`,
  ],
  ['a tag', 'kind: !!js/function "x"\n'],
  ['a key twice', 'kind: nla_model\nkind: nla_model\n'],
  ['two documents', 'kind: a\n---\nkind: b\n'],
  ['no YAML', 'kind: [a\n'],
  ['too much nesting', '['.repeat(30_000)],
  ['too many bytes', `kind: ${'x'.repeat(70_000)}\n`],
  ['a list', '- a\n'],
  ['nothing', ''],
])('%s is refused as a damaged file, and soon', (_, text) => {
  const began = performance.now();
  expect(() => parse(text)).toThrow(CorruptFileError);
  expect(performance.now() - began).toBeLessThan(60_000);
});

test('bytes that are no UTF-8 are refused', () => {
  expect(() => parseNlaMeta(Uint8Array.of(0x6b, 0xff, 0xfe), 'f')).toThrow(CorruptFileError);
});

test('templates are filled as Python fills them', () => {
  expect(fillTemplate('{{a}} {explanation} }}{{', { explanation: 'x {y} $& $1' })).toBe('{a} x {y} $& $1 }{');
});
