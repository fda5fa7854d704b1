/**
 * The columns of the lookup argument by kernel: `plain/lookup.ts` is their meaning. spec/11-kernels.md, "Lookups".
 *
 * Two runs for all tables: fractions with each task's sum of row totals, then, with what all tasks before
 * them sum to, the running sums.
 */
import type { LookupColumns, Pause } from '../engine.ts';
import type { Ext, ExtensionField } from '../field/extension.ts';
import { inverse } from '../field/m31.ts';
import type { LookupChallenges } from '../fingerprint.ts';
import { lookupColumns as plainColumns } from '../plain/lookup.ts';
import { fixedTableOf, type Instance, type TraceTable } from '../system.ts';
import type { ChipKernels, CompiledChip } from './chips.ts';
import type { KernelMemory } from './memory.ts';
import { Calls, type Crew } from './threads.ts';

/** Rows of a task. */
const TASK_ROWS = 2048;

/** A table under way. */
interface Prepared {
  readonly compiled: CompiledChip;
  readonly columns: readonly Uint32Array[];
  readonly frame: Uint32Array;
  readonly rows: number;
  /** `degree + 1` vectors for each task: sums, and whether a denominator is zero. */
  readonly sums: Uint32Array;
  readonly temporary: readonly Uint32Array[];
}

export async function lookupColumns(
  memory: KernelMemory,
  crew: Crew,
  chips: ChipKernels,
  adopt: (column: Uint32Array) => Uint32Array,
  field: ExtensionField,
  instance: Instance,
  tables: readonly TraceTable[],
  challenges: LookupChallenges,
  pause: Pause,
): Promise<LookupColumns[]> {
  const { degree } = field;
  const compiled = await chips.forTables(tables, degree);
  const plain = new Map<number, LookupColumns>();
  for (const [index, table] of tables.entries()) {
    if (compiled[index] !== undefined) continue;
    const { columns, claimed } = await plainColumns(field, instance, table, challenges, pause);
    plain.set(index, { columns: columns.map(adopt), claimed });
  }
  const prepared = tables.map((table, index): Prepared | undefined => {
    const found = compiled[index];
    if (found === undefined || found.plan.pairs === 0) return undefined;
    const { plan } = found;
    const rows = 2 ** table.logRows;
    const temporary: Uint32Array[] = [];
    const resident = (column: Uint32Array): Uint32Array => {
      const adopted = adopt(column);
      if (adopted !== column) temporary.push(adopted);
      return adopted;
    };
    const main = table.columns.map(resident);
    const fixed = (fixedTableOf(instance, table.chip)?.columns ?? []).map(resident);
    for (const column of plan.readAhead) memory.wrap(main[column]!);
    const lastRow = plan.usesLastRow ? memory.allocate(rows) : undefined;
    if (lastRow !== undefined) {
      lastRow[rows - 1] = 1;
      temporary.push(lastRow);
    }
    const columns = Array.from({ length: degree * plan.pairs }, () => memory.allocateRaw(rows));
    const frame = chips.frame(plan, field, instance, challenges, {
      main,
      fixed,
      interaction: columns,
      logRows: table.logRows,
      ...(lastRow === undefined ? {} : { lastRow }),
    });
    const taskCount = Math.ceil(rows / TASK_ROWS);
    const sums = memory.allocate(4 * (degree + 1) * taskCount);
    temporary.push(frame, sums);
    return { compiled: found, columns, frame, rows, sums, temporary };
  });

  const ready = prepared.filter((table) => table !== undefined);
  const fractions = new Calls();
  for (const table of byWork(ready)) {
    forEachTask(table.rows, (task, start, rows) => {
      const sums = memory.addressOf(table.sums) + 16 * (degree + 1) * task;
      const frame = memory.addressOf(table.frame);
      fractions.add(table.compiled.kernels.lookups!, frame, start, rows, sums);
    });
  }
  await crew.run(fractions, pause);

  const running = new Calls();
  const temporary: Uint32Array[] = [];
  const results = prepared.map((table, index): LookupColumns => {
    if (table === undefined) return plain.get(index) ?? { columns: [], claimed: field.zero() };
    const { plan, kernels } = table.compiled;
    const starts = taskStarts(field, table);
    const claimed = starts.pop()!;
    const share = field.mulBase(claimed, inverse(table.rows));
    table.frame.set(share, plan.layout.share / 4);
    const from = memory.allocateRaw(degree * starts.length);
    temporary.push(from);
    forEachTask(table.rows, (task, start, rows) => {
      // The shares of all rows before are to be taken off as well.
      const before = field.sub(starts[task]!, field.mulBase(share, start));
      from.set(before, degree * task);
      const address = memory.addressOf(from) + 4 * degree * task;
      running.add(kernels.running!, memory.addressOf(table.frame), start, rows, address);
    });
    return { columns: table.columns, claimed };
  });
  await crew.run(running, pause);
  memory.free([...temporary, ...ready.flatMap((table) => table.temporary)]);
  return results;
}

/** The sum of all rows before each task, and at the end that of all. */
function taskStarts(field: ExtensionField, { sums, rows }: Prepared): Ext[] {
  const { degree } = field;
  const starts = [field.zero()];
  forEachTask(rows, (task) => {
    const at = 4 * (degree + 1) * task;
    const flags = sums.subarray(at + 4 * degree, at + 4 * degree + 4);
    if (flags.some((flag) => flag !== 0)) {
      throw new RangeError('denominator: expected a nonzero element, got 0');
    }
    let sum = starts.at(-1)!;
    for (let lane = 0; lane < 4; lane++) {
      const part = Uint32Array.from({ length: degree }, (_, k) => sums[at + 4 * k + lane]!);
      sum = field.add(sum, part);
    }
    starts.push(sum);
  });
  return starts;
}

function byWork(tables: readonly Prepared[]): Prepared[] {
  const work = ({ rows, columns }: Prepared): number => Math.min(rows, TASK_ROWS) * columns.length;
  return tables.toSorted((left, right) => work(right) - work(left));
}

function forEachTask(
  allRows: number,
  visit: (task: number, start: number, rows: number) => void,
): void {
  for (let task = 0, start = 0; start < allRows; task++, start += TASK_ROWS) {
    visit(task, start, Math.min(TASK_ROWS, allRows - start));
  }
}
