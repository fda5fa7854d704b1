import { describe, expect, it } from 'vitest';
import { degree6 } from '../../../src/stark/field/degree6.ts';
import type { Ext } from '../../../src/stark/field/extension.ts';
import { inverse, MODULUS } from '../../../src/stark/field/m31.ts';
import { qm31 } from '../../../src/stark/field/qm31.ts';
import { type FunctionBuilder, ModuleBuilder } from '../../../src/stark/kernel/assembler.ts';
import {
  emitBaseInverse,
  emitRelativeNorm,
  emitSubfieldNorm,
} from '../../../src/stark/kernel/extension-inverse.ts';
import { emitProduct, type Lanes } from '../../../src/stark/kernel/extension-lanes.ts';
import { i32, v128 } from '../../../src/stark/kernel/operations.ts';

/** Runs code on vectors at the start of a memory; results follow the operands. */
async function runner(
  operands: number,
  emit: (code: FunctionBuilder, values: Lanes[]) => readonly Lanes[],
): Promise<(vectors: readonly number[]) => number[]> {
  const builder = new ModuleBuilder({ initial: 1, maximum: 1 });
  let results = 0;
  builder.define('run', [], (code) => {
    const zero = i32.const(0);
    const values = Array.from({ length: operands }, (_, k) => code.hold(v128.load(zero, 16 * k)));
    const out = emit(code, values);
    results = out.length;
    for (const [k, value] of out.entries()) code.store(zero, value, 16 * (operands + k));
  });
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const imports = { kernel: { memory, scratch: 0 } };
  const { instance } = await WebAssembly.instantiate(builder.assemble(), imports);
  const words = new Uint32Array(memory.buffer);
  // The only export, without operands.
  const run = instance.exports.run as () => void;
  return (vectors) => {
    words.set(vectors);
    run();
    return [...words.subarray(4 * operands, 4 * (operands + results))];
  };
}

const edges = [0, 1, 2, 3, 2 ** 16, 2 ** 30, MODULUS - 2, MODULUS - 1];

/** Residues of a fixed sequence, one in three an edge. */
function drawer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const choice = state >>> 8;
    return choice % 3 === 0 ? edges[(choice >>> 8) % edges.length] : state % MODULUS;
  };
}

/** Coordinates of four elements, lane by lane. */
const toLanes = (elements: readonly Ext[]): number[] =>
  [...elements[0].keys()].flatMap((k) => elements.map((element) => element[k]));

it('inverts base elements, zero to zero', async () => {
  const run = await runner(1, (code, [value]) => [emitBaseInverse(code, value)]);
  const draw = drawer(3);
  expect(run([0, 1, MODULUS - 1, 2])).toEqual([0, 1, MODULUS - 1, inverse(2)]);
  for (let round = 0; round < 50; round++) {
    const values = [draw(), draw(), draw(), draw()];
    expect(run(values)).toEqual(values.map((value) => (value === 0 ? 0 : inverse(value))));
  }
});

describe.each([qm31, degree6])('lanes of $name', (field) => {
  const { degree } = field;

  it('multiply as the plain field does, also at its edges', async () => {
    const run = await runner(2 * degree, (code, values) =>
      emitProduct(code, degree, values.slice(0, degree), values.slice(degree)),
    );
    const draw = drawer(1);
    const element = (): Ext => Uint32Array.from({ length: degree }, draw);
    const greatest = new Uint32Array(degree).fill(MODULUS - 1);
    for (let round = 0; round < 200; round++) {
      const [left, right] = [0, 1].map(() => [element(), element(), element(), greatest]);
      const expected = left.map((value, lane) => field.mul(value, right[lane]));
      expect(run([...toLanes(left), ...toLanes(right)])).toEqual(toLanes(expected));
    }
  });

  it('have norms that are base elements: value * conjugate * cofactor', async () => {
    const run = await runner(degree, (code, values) => {
      const relative = emitRelativeNorm(code, degree, values);
      const { cofactor, norm } = emitSubfieldNorm(code, degree, relative);
      return [...relative, ...cofactor, norm];
    });
    const draw = drawer(2);
    const element = (): Ext => Uint32Array.from({ length: degree }, draw);
    const special = [
      field.zero(),
      new Uint32Array(degree).fill(MODULUS - 1),
      ...Array.from({ length: degree }, (_, k) => field.basis(k)),
    ];
    for (let round = 0; round < 100; round++) {
      const values = [element(), element(), element(), special[round % special.length]];
      const words = run(toLanes(values));
      values.forEach((value, lane) => {
        const coordinate = (k: number): number => words[4 * k + lane]!;
        const half = degree / 2;
        // Elements of the subfield have no second half.
        const [relative, cofactor] = [0, half].map((first) =>
          field.zero().map((_, k) => (k < half ? coordinate(first + k) : 0)),
        );
        expect(relative).toEqual(field.mul(value, field.conjugate(value)));
        expect(field.mul(relative!, cofactor!)).toEqual(field.fromBase(coordinate(degree)));
      });
    }
  });
});
