/**
 * The DEEP word by kernel: `plain/deep-word.ts` is the meaning and the oracle.
 *
 * Each step is one run over both points: sums of columns as coefficients, for each height; lower ones lifted onto
 * higher ones, so that only one polynomial is evaluated for each point; and the quotients. spec/11-kernels.md, "Extension".
 */
import type { DeepLine } from '../deep.ts';
import { type Engine, LOG_BLOWUP, type Pause } from '../engine.ts';
import type { Ext, ExtensionField } from '../field/extension.ts';
import { add, sub } from '../field/m31.ts';
import { ModuleBuilder } from './assembler.ts';
import { CHUNK_ROWS, defineCombine, defineLift, defineQuotient, TILE_ROWS } from './deep-lanes.ts';
import { PRODUCTS } from './extension-lanes.ts';
import { type KernelMemory, MAX_PAGES } from './memory.ts';
import { groupOpenings, type OpenedGroup } from './opened-groups.ts';
import { Calls, type Crew, type Loaded } from './threads.ts';

/** Coefficients and an array twice as long for the values. */
export interface EvaluationJob {
  readonly coefficients: Uint32Array;
  readonly values: Uint32Array;
}

/** What is taken of the circle FFT. */
export interface DeepTransforms {
  /** Fills the values of all jobs, in index order. */
  evaluateOn(jobs: readonly EvaluationJob[], pause: Pause): Promise<void>;
  /**
   * Addresses of coordinates of the half coset of a canonic coset, doubled, in index order: x at even indices (at odd
   * ones it is the negative), y at all.
   */
  twiddles(logSize: number): { readonly xs: number; readonly ys: number };
}

/** Products or rows of a task: a tenth to half a millisecond. */
const PRODUCTS_OF_TASK = 2 ** 18;
const QUOTIENTS_OF_TASK = 2 ** 12;
/** Lifted values of a task at least, and tasks that there are at most for half a column. */
const LEAST_LIFTED = 2 ** 10;
const LIFT_TASKS = 16;
/** Lifted values that are not worth a round of threads. */
const FEW_LIFTED = 2 ** 15;

/** The sums at one point for one height. */
interface Sums {
  readonly logRows: number;
  readonly coefficients: readonly Uint32Array[];
}

/** Compiles the kernel. Opened columns must lie in the memory and have at least 2^4 rows. */
export async function createDeepWord(
  memory: KernelMemory,
  crew: Crew,
  transforms: DeepTransforms,
): Promise<Engine['deepWord']> {
  const module = new ModuleBuilder({ initial: 1, maximum: MAX_PAGES, shared: memory.isShared });
  defineLift(module);
  for (const degree of [4, 6] as const) {
    defineCombine(module, degree);
    defineQuotient(module, degree);
  }
  const functions = await crew.load(await WebAssembly.compile(module.assemble()), module.names);
  const context: Context = { memory, crew, functions };

  return async (field, layout, coefficientsOf, powers, lines, pause) => {
    const { degree } = field;
    const columns = (logSize: number): Uint32Array[] =>
      Array.from({ length: degree }, () => memory.allocateRaw(2 ** logSize));
    const logSize = layout.logRows + LOG_BLOWUP;
    const sorted = groupOpenings(memory, layout, coefficientsOf);
    const coefficients = sorted.map(({ logRows }) => columns(logRows));
    await combine(context, degree, sorted, powers, coefficients, pause);
    const ladders = ([0, 1] as const).map((point) => {
      const ladder = sorted.flatMap(({ point: other, logRows }, index): Sums[] =>
        other === point ? [{ logRows, coefficients: coefficients[index] }] : [],
      );
      if (ladder[0]?.logRows === layout.logRows) return ladder;
      // Nothing of the greatest height is opened here.
      const zeros = columns(layout.logRows);
      for (const coordinate of zeros) coordinate.fill(0);
      return [{ logRows: layout.logRows, coefficients: zeros }, ...ladder];
    });
    for (let logRows = 0; logRows < layout.logRows; logRows++) {
      const calls = new Calls();
      for (const ladder of ladders) addLifts(context, calls, ladder, logRows);
      if (2 * degree * 2 ** logRows <= FEW_LIFTED) crew.callAll(calls);
      else if (calls.count > 0) await crew.run(calls, pause);
    }
    for (const [point, line] of lines.entries()) {
      subtractLine(ladders[point][0].coefficients, line);
    }
    const sums = ladders.map(() => columns(logSize));
    const jobs = ladders.flatMap(([highest], point) =>
      highest.coefficients.map((coordinate, k) => ({
        coefficients: coordinate,
        values: sums[point][k],
      })),
    );
    await transforms.evaluateOn(jobs, pause);
    memory.free(ladders.flatMap((ladder) => ladder.flatMap((rung) => [...rung.coefficients])));
    const word = columns(logSize);
    await divide(context, transforms, field, logSize, lines, sums, word, pause);
    memory.free(sums.flat());
    return word;
  };
}

interface Context {
  readonly memory: KernelMemory;
  readonly crew: Crew;
  readonly functions: Loaded;
}

/** Words in the memory. */
function placed(memory: KernelMemory, words: readonly number[]): Uint32Array {
  const array = memory.allocateRaw(words.length);
  array.set(words);
  return array;
}

/** out[index][k] = coordinate k of the sums of group `index`. `powers` holds an element for each position. */
async function combine(
  { memory, crew, functions }: Context,
  degree: number,
  opened: readonly OpenedGroup[],
  powers: Uint32Array,
  out: readonly Uint32Array[][],
  pause: Pause,
): Promise<void> {
  const calls = new Calls();
  const taken: Uint32Array[] = [];
  for (const [index, { logRows, positions, addresses }] of opened.entries()) {
    const groups = Math.ceil(addresses.length / PRODUCTS);
    // What fills up a group counts zero times.
    const list = memory.allocateRaw(PRODUCTS * groups).fill(addresses[0]);
    list.set(addresses);
    const constants = memory.allocate(PRODUCTS * groups * degree);
    for (let j = 0; j < positions.length; j++) {
      for (let k = 0; k < degree; k++) {
        constants[j * degree + k] = powers[positions[j] * degree + k];
      }
    }
    const places = placed(
      memory,
      out[index].map((coordinate) => memory.addressOf(coordinate)),
    );
    taken.push(list, constants, places);
    const rows = 2 ** logRows;
    const wanted = 2 ** Math.floor(Math.log2(PRODUCTS_OF_TASK / addresses.length));
    const rowsOfTask = Math.min(rows, Math.max(TILE_ROWS, wanted));
    const tile = Math.min(rowsOfTask, TILE_ROWS);
    for (let row = 0; row < rows; row += rowsOfTask) {
      calls.add(
        functions[`combine${degree}`],
        memory.addressOf(list),
        groups,
        memory.addressOf(constants),
        memory.addressOf(places),
        4 * row,
        rowsOfTask / tile,
        tile,
      );
    }
  }
  await crew.run(calls, pause);
  memory.free(taken);
}

/**
 * The calls that add the sums of one height to those of the next greater one: `liftCoefficients` of
 * `poly/coefficients.ts`. Sums come from the greatest down.
 */
function addLifts(
  { memory, functions }: Context,
  calls: Calls,
  ladder: readonly Sums[],
  logRows: number,
): void {
  const index = ladder.findIndex((sums) => sums.logRows === logRows);
  if (index < 1) return;
  const higher = ladder[index - 1];
  const shift = higher.logRows - logRows;
  const half = 2 ** (logRows - 1);
  const count = Math.min(half, Math.max(LEAST_LIFTED, half / LIFT_TASKS));
  for (const [k, coordinate] of ladder[index].coefficients.entries()) {
    const from = memory.addressOf(coordinate);
    const to = memory.addressOf(higher.coefficients[k]);
    for (let start = 0; start < half; start += count) {
      const place = to + 4 * start * 2 ** shift;
      // The part with y: y of 2^shift P is 2^shift y x pi(x) ..., the last place of each stride.
      const last = place + 4 * (half * 2 ** shift + 2 ** shift - 1);
      const bytes = 4 * 2 ** shift;
      calls.add(functions.lift, from + 4 * start, place, bytes, 0, count);
      calls.add(functions.lift, from + 4 * (half + start), last, bytes, shift, count);
    }
  }
}

/** Subtracts slope * y + offset, of which coefficients are few. */
function subtractLine(coefficients: readonly Uint32Array[], { slope, offset }: DeepLine): void {
  for (const [k, coordinate] of coefficients.entries()) {
    const half = coordinate.length / 2;
    coordinate[0] = sub(coordinate[0], offset[k]);
    coordinate[half] = sub(coordinate[half], slope[k]);
  }
}

/** word = the sum of both quotients. */
async function divide(
  { memory, crew, functions }: Context,
  transforms: DeepTransforms,
  field: ExtensionField,
  logSize: number,
  lines: readonly [DeepLine, DeepLine],
  sums: readonly (readonly Uint32Array[])[],
  word: readonly Uint32Array[],
  pause: Pause,
): Promise<void> {
  const half = 2 ** (logSize - 1);
  const { xs, ys } = transforms.twiddles(logSize);
  const places = placed(
    memory,
    [...word, ...sums.flat()].map((coordinate) => memory.addressOf(coordinate)),
  );
  const calls = new Calls();
  const taken = [places];
  // The upper half of the indices holds the conjugates of the lower half.
  for (const start of [0, half]) {
    const constants = placed(
      memory,
      lines.flatMap((line) => lineConstants(field, line, start === half)),
    );
    taken.push(constants);
    const rows = Math.min(half, QUOTIENTS_OF_TASK);
    for (let row = 0; row < half; row += rows) {
      calls.add(
        functions[`quotient${field.degree}`],
        memory.addressOf(constants),
        memory.addressOf(places),
        4 * (start + row),
        xs + 2 * row,
        ys + 4 * row,
        rows,
        Math.min(rows, CHUNK_ROWS),
      );
    }
  }
  await crew.run(calls, pause);
  memory.free(taken);
}

/**
 * What `quotient` takes of a line, where y stands for -y if `isConjugate`.
 *
 * @throws Error if the line is not one through a point and its conjugate.
 */
function lineConstants(field: ExtensionField, line: DeepLine, isConjugate: boolean): number[] {
  const half = field.degree / 2;
  const signed = (value: Ext): Ext => (isConjugate ? field.neg(value) : value);
  return [line.byX, signed(line.byY), line.rest].flatMap((value) => {
    if (value.subarray(0, half).some((coordinate) => coordinate !== 0)) {
      throw new Error('line: expected one through conjugate points');
    }
    const [d0, d1, d2] = value.subarray(half);
    // u^2 D for degree 4, where u^2 = 2 + i.
    return half === 2 ? [sub(add(d0, d0), d1), add(add(d1, d1), d0)] : [d0, d1, d2];
  });
}
