/**
 * Openings by kernel: `plain/openings.ts` is the meaning and the oracle.
 *
 * One idea: the basis at a point is a tensor product, one factor for each bit of a place. The lower bits make 2^11
 * weights that stay in the first cache while pieces of all columns are multiplied with them; the sum of a piece is
 * then multiplied by the one weight of its upper bits. spec/11-kernels.md, "Extension".
 */
import type { Engine } from '../engine.ts';
import type { Ext, ExtensionField } from '../field/extension.ts';
import { MODULUS } from '../field/m31.ts';
import { doubleExtPoint, type ExtPoint } from '../poly/domain.ts';
import { ModuleBuilder } from './assembler.ts';
import { coordinatesAtOnce, emitProduct, lowBits, PRODUCTS, WideSum } from './extension-lanes.ts';
import { LaneField } from './lanes.ts';
import { type KernelMemory, MAX_PAGES } from './memory.ts';
import { groupOpenings } from './opened-groups.ts';
import { i32, v128 } from './operations.ts';
import { Calls, type Crew, type Loaded } from './threads.ts';

/** Rows of a piece. */
const LOG_PIECE = 11;
/** From one coordinate of the weights of a piece to the next, in words: a cache line more than their number. */
const STRIDE = 2 ** LOG_PIECE + 16;
/** Weights that are computed without kernel: what one step of a dot product takes. Also the least rows of a column. */
const LOG_FIRST = 4;

/** Cells of a task, at least and at most: a twentieth to half a millisecond. */
const LEAST_CELLS = 2 ** 16;
const MOST_CELLS = 2 ** 19;
/** Tasks that there are to be if they would not be too small. */
const TASKS = 64;

/** Words of the sum of one column: four lanes for each coordinate. */
const sumWords = (degree: number): number => 4 * degree;

/** `extend<degree>(weights, bytes, factor)`: as many weights again, `bytes` further, those so far times a factor. */
function defineExtend(module: ModuleBuilder, degree: 4 | 6): void {
  module.define(`extend${degree}`, ['i32', 'i32', 'i32'], (code) => {
    const [weights, bytes, factor] = [0, 1, 2].map((k) => code.param(k, 'i32'));
    const factors = Array.from({ length: degree }, (_, k) =>
      code.hold(v128.loadSplat(factor, 4 * k)),
    );
    const [from, to, rest] = [weights, i32.add(weights, bytes), bytes].map((value) =>
      code.hold(value),
    );
    code.countDown(rest, 16, () => {
      const values = factors.map((_, k) => code.hold(v128.load(from, 4 * STRIDE * k)));
      for (const [k, product] of emitProduct(code, degree, values, factors).entries()) {
        code.store(to, product, 4 * STRIDE * k);
      }
      code.advance(from, 16);
      code.advance(to, 16);
    });
  });
}

/**
 * `open<degree>(columns, count, weights, rows, highs, pieces, out)`: for each of `count` addresses, the sum over pieces
 * of `rows` rows (a multiple of 16) of their products with the weights, times the piece's element of `highs`. Four
 * lanes for each coordinate, whose sum is the result.
 */
function defineOpen(module: ModuleBuilder, degree: 4 | 6): void {
  const openPiece = module.define(
    `openPiece${degree}`,
    ['i32', 'i32', 'i32', 'i32', 'i32'],
    (code) => {
      const [column, weights, rows, high, out] = [0, 1, 2, 3, 4].map((k) => code.param(k, 'i32'));
      const mask = lowBits(code);
      const zero = code.hold(v128.xor(mask, mask));
      const [value, weight] = [code.local('v128'), code.local('v128')];
      const sums = coordinatesAtOnce[degree].flatMap((coordinates) => {
        const wide = coordinates.map(() => new WideSum(code, mask));
        for (const sum of wide) {
          code.set(sum.low, zero);
          code.set(sum.high, zero);
        }
        const [from, by, rest] = [column, weights, rows].map((operand) => code.hold(operand));
        code.countDown(rest, 4 * PRODUCTS, () => {
          for (let j = 0; j < PRODUCTS; j++) {
            code.set(value, v128.load(from, 16 * j));
            for (const [index, sum] of wide.entries()) {
              code.set(weight, v128.load(by, 16 * j + 4 * STRIDE * coordinates[index]));
              sum.add(value, weight);
            }
          }
          for (const sum of wide) sum.fold();
          code.advance(from, 16 * PRODUCTS);
          code.advance(by, 16 * PRODUCTS);
        });
        return wide.map((sum) => {
          const lanes = code.local('v128');
          sum.finish(lanes);
          return lanes;
        });
      });
      const highs = sums.map((_, k) => code.hold(v128.loadSplat(high, 4 * k)));
      const field = new LaneField(code);
      for (const [k, product] of emitProduct(code, degree, sums, highs).entries()) {
        field.add(product, product, v128.load(out, 16 * k));
        code.store(out, product, 16 * k);
      }
    },
  );
  module.define(
    `open${degree}`,
    Array.from({ length: 7 }, () => 'i32' as const),
    (code) => {
      const [columns, count, weights, rows, highs, pieces, out] = [0, 1, 2, 3, 4, 5, 6].map((k) =>
        code.param(k, 'i32'),
      );
      const zero = code.local('v128');
      const [column, high, rest] = [code.local('i32'), code.local('i32'), code.local('i32')];
      code.countDown(count, 1, () => {
        for (let k = 0; k < degree; k++) code.store(out, zero, 16 * k);
        code.set(column, i32.load(columns));
        code.set(high, highs);
        code.set(rest, pieces);
        code.countDown(rest, 1, () => {
          code.call(openPiece, column, weights, rows, high, out);
          code.set(column, i32.add(column, i32.shiftLeft(rows, i32.const(2))));
          code.advance(high, 4 * degree);
        });
        code.advance(columns, 4);
        code.advance(out, 16 * degree);
      });
    },
  );
}

function assembleOpenings(isShared: boolean): ModuleBuilder {
  const module = new ModuleBuilder({ initial: 1, maximum: MAX_PAGES, shared: isShared });
  for (const degree of [4, 6] as const) {
    defineExtend(module, degree);
    defineOpen(module, degree);
  }
  return module;
}

/** Sums of the columns of a group over a range of rows. */
interface PartialSums {
  readonly sums: Uint32Array;
  readonly positions: readonly number[];
}

/** Compiles the kernel. Opened columns must lie in the memory and have at least 2^4 rows. */
export async function createOpenings(
  memory: KernelMemory,
  crew: Crew,
): Promise<Engine['openColumns']> {
  const module = assembleOpenings(memory.isShared);
  const functions = await crew.load(await WebAssembly.compile(module.assemble()), module.names);

  return async (field, layout, points, coefficientsOf, pause) => {
    const { degree } = field;
    const groups = groupOpenings(memory, layout, coefficientsOf);
    const cells = groups.reduce(
      (sum, { logRows, positions }) => sum + positions.length * 2 ** logRows,
      0,
    );
    const cellsOfTask = Math.min(MOST_CELLS, Math.max(LEAST_CELLS, cells / TASKS));
    const calls = new Calls();
    const taken: Uint32Array[] = [];
    const results: PartialSums[] = [];
    // Great tasks come first.
    for (const group of groups) {
      const lowered = doubleExtPoint(field, points[group.point], layout.logRows - group.logRows);
      const factors = basisFactors(field, group.logRows, lowered);
      const weights = writeWeights(memory, crew, functions, field, factors.slice(0, LOG_PIECE));
      const highs = memory.allocateRaw(degree * 2 ** Math.max(0, group.logRows - LOG_PIECE));
      highs.set(tensor(field, factors.slice(LOG_PIECE)));
      taken.push(weights, highs);
      const rows = 2 ** Math.min(LOG_PIECE, group.logRows);
      const pieces = 2 ** group.logRows / rows;
      const piecesAtOnce = Math.min(pieces, 2 ** Math.ceil(Math.log2(cellsOfTask / rows)));
      const columnsAtOnce = Math.max(1, Math.floor(cellsOfTask / (piecesAtOnce * rows)));
      for (let piece = 0; piece < pieces; piece += piecesAtOnce) {
        const count = group.positions.length;
        const list = memory.allocateRaw(count);
        for (let k = 0; k < count; k++) list[k] = group.addresses[k] + 4 * piece * rows;
        const sums = memory.allocateRaw(count * sumWords(degree));
        taken.push(list, sums);
        results.push({ sums, positions: group.positions });
        for (let first = 0; first < count; first += columnsAtOnce) {
          calls.add(
            functions[`open${degree}`],
            memory.addressOf(list) + 4 * first,
            Math.min(columnsAtOnce, count - first),
            memory.addressOf(weights),
            rows,
            memory.addressOf(highs) + 4 * degree * piece,
            piecesAtOnce,
            memory.addressOf(sums) + 4 * sumWords(degree) * first,
          );
        }
      }
    }
    await crew.run(calls, pause);
    const values = new Float64Array(layout.openings.length * degree);
    for (const partial of results) addSums(values, partial, degree);
    memory.free(taken);
    const opened = new Uint32Array(values.length);
    for (let k = 0; k < opened.length; k++) opened[k] = values[k] % MODULUS;
    return opened;
  };
}

/** What a place's bits multiply, from the lowest: x, pi(x), ..., and y for the highest. */
function basisFactors(field: ExtensionField, logRows: number, point: ExtPoint): Ext[] {
  const factors: Ext[] = [];
  let current = point;
  for (let bit = 0; bit + 1 < logRows; bit++) {
    factors.push(current.x);
    current = doubleExtPoint(field, current, 1);
  }
  factors.push(point.y);
  return factors;
}

/** For each place the product of its bits' factors, consecutive elements. */
function tensor(field: ExtensionField, factors: readonly Ext[]): Uint32Array {
  const { degree } = field;
  const products = new Uint32Array(degree * 2 ** factors.length);
  products[0] = 1;
  for (const [bit, factor] of factors.entries()) {
    const size = degree * 2 ** bit;
    for (let at = 0; at < size; at += degree)
      field.mulAt(products, size + at, products, at, factor, 0);
  }
  return products;
}

/** The weights of a piece, one coordinate after the other. */
function writeWeights(
  memory: KernelMemory,
  crew: Crew,
  functions: Loaded,
  field: ExtensionField,
  factors: readonly Ext[],
): Uint32Array {
  const { degree } = field;
  const weights = memory.allocateRaw(degree * STRIDE);
  const first = tensor(field, factors.slice(0, LOG_FIRST));
  for (let k = 0; k < degree; k++) {
    for (let i = 0; i < 2 ** LOG_FIRST; i++) weights[k * STRIDE + i] = first[i * degree + k];
  }
  const factor = memory.allocateRaw(degree);
  for (let bit = LOG_FIRST; bit < factors.length; bit++) {
    factor.set(factors[bit]);
    const [from, by] = [memory.addressOf(weights), memory.addressOf(factor)];
    crew.call(functions[`extend${degree}`], from, 4 * 2 ** bit, by);
  }
  memory.free([factor]);
  return weights;
}

/** Adds the lanes of sums to the values at their positions: exact, as there are fewer than 2^20 sums of a column. */
function addSums(values: Float64Array, { sums, positions }: PartialSums, degree: number): void {
  let at = 0;
  for (let index = 0; index < positions.length; index++) {
    const position = positions[index] * degree;
    for (let k = 0; k < degree; k++, at += 4) {
      values[position + k] += sums[at] + sums[at + 1] + sums[at + 2] + sums[at + 3];
    }
  }
}
