import { expect, it } from 'vitest';
import { add, MODULUS, mul, sub } from '../../../src/stark/field/m31.ts';
import { ModuleBuilder } from '../../../src/stark/kernel/assembler.ts';
import { LaneField, transpose } from '../../../src/stark/kernel/lanes.ts';
import { i32, v128 } from '../../../src/stark/kernel/operations.ts';

async function instantiate(builder: ModuleBuilder) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { instance } = await WebAssembly.instantiate(builder.assemble(), {
    kernel: { memory, scratch: 0 },
  });
  return { run: instance.exports.run as () => void, words: new Uint32Array(memory.buffer) };
}

it('adds, subtracts and multiplies lanes as the plain field does, also at its edges', async () => {
  const builder = new ModuleBuilder({ initial: 1, maximum: 1 });
  builder.define('run', [], (code) => {
    const field = new LaneField(code);
    const zero = i32.const(0);
    const [left, right] = [code.hold(v128.load(zero, 0)), code.hold(v128.load(zero, 16))];
    const result = code.local('v128');
    field.add(result, left, right);
    code.store(zero, result, 32);
    field.subtract(result, left, right);
    code.store(zero, result, 48);
    field.multiply(result, left, right);
    code.store(zero, result, 64);
  });
  const { run, words } = await instantiate(builder);
  const edges = [0, 1, 2, 3, 2 ** 16, 2 ** 30, 2 ** 30 - 1, MODULUS - 2, MODULUS - 1];
  let state = 1;
  const drawn = Array.from({ length: 60 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % MODULUS;
  });
  const values = [...edges, ...drawn];
  for (const first of values) {
    for (let at = 0; at < values.length; at++) {
      const left = [0, 1, 2, 3].map((k) => values[(at + k * k) % values.length]!);
      const right = [first, left[3]!, left[0]!, first];
      words.set([...left, ...right]);
      run();
      const expected = [add, sub, mul].flatMap((of) =>
        left.map((value, k) => of(value, right[k]!)),
      );
      expect([...words.subarray(8, 20)]).toEqual(expected);
    }
  }
});

it('transposes four vectors', async () => {
  const builder = new ModuleBuilder({ initial: 1, maximum: 1 });
  builder.define('run', [], (code) => {
    const rows = [0, 1, 2, 3].map((k) => code.hold(v128.load(i32.const(0), 16 * k)));
    transpose(code, rows);
    rows.forEach((row, k) => {
      code.store(i32.const(0), row, 16 * k);
    });
  });
  const { run, words } = await instantiate(builder);
  words.set(Array.from({ length: 16 }, (_, k) => k));
  run();
  expect([...words.subarray(0, 16)]).toEqual(
    Array.from({ length: 16 }, (_, k) => 4 * (k % 4) + Math.floor(k / 4)),
  );
});
