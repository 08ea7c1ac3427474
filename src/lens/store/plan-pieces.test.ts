import { expect, test } from 'vitest';
import { CorruptFileError, ShapeMismatchError, UnsupportedModelError } from '../api/errors';
import { openConfig } from '../folders/config';
import { readTensorTable, type TensorTable } from '../formats/tensor-table';
import { toyDictionary, toyModel, toySource } from '../testing/toy-store';
import { MAX_PIECE, planDictionary, planModel } from './plan-pieces';

async function toy() {
  const source = await toySource(toyModel());
  return { table: await readTensorTable(source), config: await openConfig(source) };
}

/** The table with one tensor changed. */
function changed(table: TensorTable, name: string, change: { dtype?: string; shape?: number[] } | null): TensorTable {
  const tensors = new Map(table.tensors);
  if (change) tensors.set(name, { ...table.tensors.get(name)!, ...change });
  else tensors.delete(name);
  return { ...table, tensors };
}

test('matrices get the format, the vocabulary 8 bits, vectors float32', async () => {
  const { table, config } = await toy();
  const encodings = (format: 'q4' | 'q8' | 'f16') =>
    ['model.layers.0.mlp.up_proj.weight', 'model.embed_tokens.weight', 'model.norm.weight'].map(
      (name) => planModel(table, config, format).tensors.get(name)!.encoding,
    );
  expect(encodings('q4')).toEqual(['q4', 'q8', 'f32']);
  expect(encodings('q8')).toEqual(['q8', 'q8', 'f32']);
  expect(encodings('f16')).toEqual(['f16', 'f16', 'f32']);
  expect(planModel(table, config, 'q4').tensors.has('visual.patch.weight')).toBe(false);
});

test('pieces are whole rows, in the order of the file, and cover each tensor once', async () => {
  const { table, config } = await toy();
  for (const most of [1, 100, 1000, MAX_PIECE]) {
    const plan = planModel(table, config, 'q4', most);
    for (const { file, pieces } of plan.files) {
      let at = 0;
      const rows = new Map<string, number>();
      for (const piece of pieces) {
        const { tensor } = piece;
        expect(piece.begin).toBeGreaterThanOrEqual(at);
        expect(piece.end - piece.begin).toBe(piece.rows * tensor.columns * 2);
        expect(piece.rows === 1 || piece.end - piece.begin <= most).toBe(true);
        const before = rows.get(tensor.name) ?? 0;
        expect(piece.begin).toBe(table.tensors.get(tensor.name)!.begin + before * tensor.columns * 2);
        rows.set(tensor.name, before + piece.rows);
        at = piece.end;
      }
      expect(at).toBeLessThanOrEqual(file.size);
      for (const [name, count] of rows) expect(count).toBe(plan.tensors.get(name)!.rows);
    }
  }
});

test('what cannot be kept is refused by the tensor’s name before anything is fetched', async () => {
  const { table, config } = await toy();
  const name = 'model.layers.0.mlp.up_proj.weight';
  expect(() => planModel(changed(table, name, null), config, 'q4')).toThrow(CorruptFileError);
  expect(() => planModel(changed(table, name, { shape: [32, 64] }), config, 'q4')).toThrow(ShapeMismatchError);
  expect(() => planModel(changed(table, name, { dtype: 'F8_E4M3' }), config, 'q4')).toThrow(/up_proj.*F8_E4M3/);
  const narrow = { ...config, intermediate: 40 };
  const shape = (tensor: string, ...sizes: number[]) =>
    [`model.layers.0.mlp.${tensor}_proj.weight`, { shape: sizes }] as const;
  const odd = [shape('gate', 40, 32), shape('up', 40, 32), shape('down', 32, 40)].reduce(
    (t, [tensor, change]) => changed(t, tensor, change),
    table,
  );
  expect(() => planModel(odd, narrow, 'q4')).toThrow(/down_proj.*rows of 40/);
  expect(() => planModel(odd, narrow, 'q4')).toThrow(UnsupportedModelError);
  expect(planModel(odd, narrow, 'f16').tensors.size).toBeGreaterThan(10);
});

test('all vectors that a dictionary has are planned', () => {
  const { plan } = toyDictionary();
  const threshold = { ...plan.tensors.encoderBias, begin: plan.file.size, end: plan.file.size + 512 };
  const { tensors } = planDictionary({ ...plan, tensors: { ...plan.tensors, threshold, magnitude: undefined } });
  expect([...tensors.keys()].sort()).toEqual(['decoder', 'decoderBias', 'encoder', 'encoderBias', 'threshold']);
  expect(tensors.get('threshold')).toMatchObject({ encoding: 'f32', columns: 128 });
});

test('a dictionary’s matrices keep the order of their file', () => {
  const { plan } = toyDictionary();
  const { files, tensors } = planDictionary(plan, 4096);
  expect(tensors.get('decoder')).toMatchObject({ encoding: 'f16', rows: 32, columns: 128, transposed: true });
  expect(tensors.get('encoderBias')).toMatchObject({ encoding: 'f32', rows: 1, columns: 128 });
  expect(files[0]!.pieces.map(({ tensor, rows }) => `${tensor.name} ${rows}`)).toContain('decoder 8');
});
