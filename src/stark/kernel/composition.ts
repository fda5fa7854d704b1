/**
 * The composition polynomial by kernel: `plain/composition.ts` is its meaning. spec/11-kernels.md, "Constraints".
 *
 * Constants of constraints come divided by the vanishing polynomial, which takes one value on each quarter of
 * the domain, so that what a task adds up is the quotient. Tables of one height add to the same columns: they
 * go one after the other, tables of different heights together.
 */
import type { ConstraintChallenges, ExtendedTable, Pause } from '../engine.ts';
import type { Ext, ExtensionField } from '../field/extension.ts';
import { add, inverse, mul, power } from '../field/m31.ts';
import { powersOf } from '../fingerprint.ts';
import type { Layout, TableLayout } from '../layout.ts';
import { addQuotient } from '../plain/composition.ts';
import { indexPoint, vanishing } from '../poly/domain.ts';
import type { Instance } from '../system.ts';
import { constantCount } from './chip-plan.ts';
import type { ChipKernels, CompiledChip } from './chips.ts';
import type { ColumnTransforms } from './fft.ts';
import type { KernelMemory } from './memory.ts';
import { Calls, type Crew } from './threads.ts';

/** Points of a task. */
const TASK_POINTS = 2048;

interface Prepared {
  readonly table: TableLayout;
  readonly compiled: CompiledChip;
  readonly frame: Uint32Array;
  /** For each quarter of the domain. */
  readonly constants: readonly Uint32Array[];
}

export async function compositionColumns(
  memory: KernelMemory,
  crew: Crew,
  chips: ChipKernels,
  transforms: ColumnTransforms,
  field: ExtensionField,
  instance: Instance,
  layout: Layout,
  tables: readonly ExtendedTable[],
  claimed: readonly Ext[],
  challenges: ConstraintChallenges,
  pause: Pause,
): Promise<Uint32Array[]> {
  const { degree } = field;
  const compiled = await chips.forTables(layout.tables, degree);
  const quotients = new Map<number, Uint32Array[]>();
  for (const { logRows } of layout.tables) {
    if (quotients.has(logRows)) continue;
    quotients.set(
      logRows,
      Array.from({ length: degree }, () => memory.allocate(2 ** (logRows + 1))),
    );
  }
  const selectors = await lastRowSelectors(memory, transforms, layout, compiled, pause);
  const powers = powersOf(field, challenges.gamma, layout.constraintCount);
  const shareOf = (index: number): Ext =>
    field.mulBase(claimed[index]!, inverse(2 ** layout.tables[index]!.logRows));
  const prepared = layout.tables.flatMap((table, index): Prepared[] => {
    const found = compiled[index];
    if (found === undefined) return [];
    const { plan } = found;
    const frame = chips.frame(plan, field, instance, challenges, {
      ...tables[index]!,
      ...(plan.usesLastRow ? { lastRow: selectors.get(table.logRows)! } : {}),
      quotient: quotients.get(table.logRows)!,
      logRows: table.logRows,
      share: shareOf(index),
    });
    const constants = [0, 1, 2, 3].map((quarter) =>
      constantsOf(memory, field, table, found, powers, quarter),
    );
    return [{ table, compiled: found, frame, constants }];
  });
  for (const [index, table] of layout.tables.entries()) {
    if (compiled[index] !== undefined) continue;
    const quotient = quotients.get(table.logRows)!;
    const share = shareOf(index);
    await addQuotient(
      field,
      instance,
      table,
      tables[index]!,
      share,
      challenges,
      powers,
      quotient,
      pause,
    );
  }
  for (const wave of wavesOf(prepared)) await crew.run(callsOf(memory, wave), pause);
  memory.free([
    ...prepared.flatMap(({ frame, constants }) => [frame, ...constants]),
    ...selectors.values(),
  ]);

  await transforms.interpolateInPlace([...quotients.values()].flat(), pause);
  const whole = quotients.get(layout.logRows)!;
  for (const [logRows, quotient] of quotients) {
    if (logRows === layout.logRows) continue;
    quotient.forEach((coefficients, k) => {
      addLifted(whole[k]!, coefficients, layout.logRows - logRows);
    });
    memory.free(quotient);
    await pause();
  }
  const halves = whole.map((coefficients) => splitInto(memory, coefficients));
  memory.free(whole);
  return [...halves.map(([left]) => left!), ...halves.map(([, right]) => right!)];
}

/** Selectors of the last row on the doubled domain, for the heights where a chip reads one. */
async function lastRowSelectors(
  memory: KernelMemory,
  transforms: ColumnTransforms,
  layout: Layout,
  compiled: readonly (CompiledChip | undefined)[],
  pause: Pause,
): Promise<Map<number, Uint32Array>> {
  const heights = new Set(
    layout.tables.filter((_, i) => compiled[i]?.plan.usesLastRow).map(({ logRows }) => logRows),
  );
  const jobs = Array.from(heights, (logRows) => {
    const rows = memory.allocate(2 ** logRows);
    rows[rows.length - 1] = 1;
    const column = memory.allocateRaw(rows.length);
    return { logRows, rows, column, values: memory.allocateRaw(2 * rows.length) };
  });
  await transforms.interpolateRows(jobs, pause);
  const evaluations = jobs.map(({ column, values }) => ({ coefficients: column, values }));
  await transforms.evaluateOn(evaluations, pause);
  memory.free(jobs.flatMap(({ rows, column }) => [rows, column]));
  return new Map(jobs.map(({ logRows, values }) => [logRows, values]));
}

/** The constants of a table's constraints on a quarter of its domain. */
function constantsOf(
  memory: KernelMemory,
  field: ExtensionField,
  { chip, logRows, firstConstraint }: TableLayout,
  { plan }: CompiledChip,
  powers: Uint32Array,
  quarter: number,
): Uint32Array {
  const { degree } = field;
  const point = indexPoint(logRows + 1, quarter * 2 ** (logRows - 1));
  const scale = inverse(vanishing(logRows, point.x));
  const constants = memory.allocateRaw(degree * constantCount(plan));
  let at = 0;
  const put = (value: Ext): void => {
    constants.set(field.mulBase(value, scale), at);
    at += degree;
  };
  const first = firstConstraint + chip.constraints.length;
  for (let index = firstConstraint; index < first; index++) put(field.at(powers, degree * index));
  for (let pair = 0; pair < plan.pairs; pair++) {
    const gamma = field.at(powers, degree * (first + pair));
    for (let k = 0; k < degree; k++) put(field.mul(gamma, field.basis(k)));
  }
  return constants;
}

/** Lists in which each height occurs once at most. */
function wavesOf(prepared: readonly Prepared[]): Prepared[][] {
  const waves: Prepared[][] = [];
  const counts = new Map<number, number>();
  for (const item of prepared) {
    if (item.compiled.kernels.constraints === undefined) continue;
    const { logRows } = item.table;
    const wave = counts.get(logRows) ?? 0;
    counts.set(logRows, wave + 1);
    waves[wave] ??= [];
    waves[wave].push(item);
  }
  return waves;
}

function callsOf(memory: KernelMemory, wave: readonly Prepared[]): Calls {
  const calls = new Calls();
  const tallestFirst = wave.toSorted((left, right) => right.table.logRows - left.table.logRows);
  for (const { table, compiled, frame, constants } of tallestFirst) {
    const points = 2 ** (table.logRows - 1);
    const address = memory.addressOf(frame);
    for (const [quarter, list] of constants.entries()) {
      for (let start = 0; start < points; start += TASK_POINTS) {
        const count = Math.min(TASK_POINTS, points - start);
        const first = quarter * points + start;
        calls.add(compiled.kernels.constraints!, address, memory.addressOf(list), first, count);
      }
    }
  }
  return calls;
}

/** whole += the coefficients of f(pi^k(P)), see `liftCoefficients`. */
function addLifted(whole: Uint32Array, coefficients: Uint32Array, k: number): void {
  const half = coefficients.length / 2;
  const stride = 2 ** k;
  const factor = power(2, k);
  const upper = whole.length / 2 + stride - 1;
  for (let j = 0; j < half; j++) {
    const low = j * stride;
    whole[low] = add(whole[low]!, coefficients[j]!);
    const high = upper + j * stride;
    whole[high] = add(whole[high]!, mul(coefficients[half + j]!, factor));
  }
}

/** Both halves, see `splitCoefficients`. */
function splitInto(memory: KernelMemory, coefficients: Uint32Array): Uint32Array[] {
  const quarter = coefficients.length / 4;
  return [0, 1].map((half) => {
    const part = memory.allocateRaw(2 * quarter);
    for (let y = 0; y < 2; y++) {
      const from = (2 * y + half) * quarter;
      part.set(coefficients.subarray(from, from + quarter), y * quarter);
    }
    return part;
  });
}
