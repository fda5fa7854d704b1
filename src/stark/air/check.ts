/**
 * Checks a trace without any cryptography: every constraint on every row, padding included, and
 * every bus as an exact multiset over all tables and the verifier's public terms.
 *
 * This is what a proof proves, stated plainly (`spec/7-proof-system.md`). It also reports what a
 * proof cannot show: a count that is 0 modulo p and not 0.
 */

import type { Instance, PublicTerm, Trace, TraceTable } from '../system.ts';
import { fixedTableOf } from '../system.ts';
import type { Bus, Interaction } from './chip.ts';
import { Evaluator, planGroups } from './evaluate.ts';
import { traceCells, visitMessages } from './messages.ts';
import { Multiset } from './multiset.ts';

const P = 0x7fffffff;

/** At most this many failures of each constraint and of each bus are listed. */
const LISTED = 8;

export type CheckFailure =
  /** The trace is no trace of this system: wrong tables, heights, order or cells. */
  | { readonly kind: 'shape'; readonly chip: string; readonly reason: string }
  | {
      readonly kind: 'constraint';
      readonly chip: string;
      /** Index in `trace.tables`. */
      readonly table: number;
      readonly constraint: string;
      readonly row: number;
      readonly value: number;
    }
  | {
      readonly kind: 'bus';
      readonly bus: string;
      /** The message by field name. */
      readonly message: Readonly<Record<string, number>>;
      /** Sends less receives, multiplicities above p/2 read as negative. */
      readonly count: number;
      /** The same modulo p: what the proof sees. */
      readonly residue: number;
      /** Who sent or received it first. `row` is -1 for a public term. */
      readonly chip: string;
      readonly interaction: string;
      readonly direction: 'send' | 'receive';
      readonly row: number;
    };

export type CheckResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly failures: readonly CheckFailure[]; readonly total: number };

/** Linear in rows times terms: about 0.2 µs for a term of a row. Never throws for a wrong trace. */
export function checkTrace(instance: Instance, trace: Trace): CheckResult {
  const failures: CheckFailure[] = checkShape(instance, trace);
  if (failures.length > 0) return { ok: false, failures, total: failures.length };
  let total = 0;
  trace.tables.forEach((table, index) => {
    total += checkConstraints(instance, table, index, failures);
  });
  for (const bus of instance.system.buses) total += checkBus(instance, trace, bus, failures);
  return total === 0 ? { ok: true } : { ok: false, failures, total };
}

/** What stands in a failure, as one line. */
export function formatFailure(failure: CheckFailure): string {
  switch (failure.kind) {
    case 'shape':
      return `${failure.chip}: ${failure.reason}`;
    case 'constraint':
      return `${failure.chip}, row ${failure.row}: "${failure.constraint}" is ${failure.value}, not 0`;
    case 'bus': {
      const message = Object.entries(failure.message).map(([name, value]) => `${name} ${value}`);
      const where = failure.row < 0 ? failure.chip : `${failure.chip}, row ${failure.row}`;
      return (
        `bus ${failure.bus}: (${message.join(', ')}) has count ${failure.count}; ` +
        `first ${failure.direction} by ${where}, "${failure.interaction}"`
      );
    }
  }
}

function checkShape(instance: Instance, trace: Trace): CheckFailure[] {
  const { system } = instance;
  const failures: CheckFailure[] = [];
  const fail = (chip: string, reason: string): void => {
    failures.push({ kind: 'shape', chip, reason });
  };
  let position = -1;
  let ticks = 0;
  trace.tables.forEach((table, index) => {
    const { chip, logRows } = table;
    const at = system.chips.indexOf(chip);
    if (at < 0) fail(chip.name, 'no chip of this system');
    if (at < position) fail(chip.name, 'not in the order of the system');
    const before = trace.tables[index - 1];
    if (before?.chip === chip) {
      if (chip.instances === 'one') fail(chip.name, 'more than one table');
      if (before.logRows < logRows) fail(chip.name, 'the taller table comes second');
    }
    position = at;
    if (!Number.isInteger(logRows) || logRows < 4) fail(chip.name, `${logRows} as log of the rows`);
    const fixed = fixedTableOf(instance, chip);
    if (fixed !== undefined && fixed.logRows !== logRows) {
      fail(chip.name, `2^${logRows} rows, fixed columns have 2^${fixed.logRows}`);
    }
    if (table.columns.length !== chip.columns.length) {
      fail(chip.name, `${table.columns.length} columns, expected ${chip.columns.length}`);
    }
    table.columns.forEach((column, k) => {
      const name = chip.columns[k]?.name ?? String(k);
      if (column.length !== 2 ** logRows)
        fail(chip.name, `column ${name} has ${column.length} rows`);
      const row = column.findIndex((value) => value >= P);
      if (row >= 0) fail(chip.name, `column ${name}, row ${row}: ${column[row]} is not canonical`);
    });
    ticks += 2 ** logRows * chip.stride;
  });
  for (const chip of system.chips) {
    if (chip.fixedSource !== 'none' && !trace.tables.some((table) => table.chip === chip)) {
      fail(chip.name, 'has fixed columns and must be present');
    }
  }
  if (ticks >= system.clockLimit) fail('all', `${ticks} ticks, the limit is ${system.clockLimit}`);
  return failures;
}

function checkConstraints(
  instance: Instance,
  table: TraceTable,
  index: number,
  failures: CheckFailure[],
): number {
  const { chip } = table;
  if (chip.constraints.length === 0) return 0;
  const plan = planGroups(
    chip.constraints.map(({ expr }) => [expr]),
    instance.parameters,
  );
  const counts = new Int32Array(chip.constraints.length);
  let firstRow = 0;
  new Evaluator(plan, traceCells(instance, table)).evaluateAll(
    (group, arrays, offsets, rowCount) => {
      const values = arrays[0]!;
      const offset = offsets[0]!;
      for (let i = 0; i < rowCount; i++) {
        const value = values[offset + i]!;
        if (value === 0) continue;
        if (counts[group]!++ < LISTED) {
          const constraint = chip.constraints[group]!.name;
          const row = firstRow + i;
          failures.push({
            kind: 'constraint',
            chip: chip.name,
            table: index,
            constraint,
            row,
            value,
          });
        }
      }
    },
    (start) => {
      firstRow = start;
    },
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function checkBus(instance: Instance, trace: Trace, bus: Bus, failures: CheckFailure[]): number {
  const messages = new Multiset(bus.fields.length);
  const origins: { chip: string; interaction: string; direction: 'send' | 'receive' }[] = [];
  const originOf = new Map<Interaction, number>();
  visitMessages(
    instance,
    trace.tables,
    (interaction) => interaction.bus.id === bus.id,
    ({ table, interaction, firstRow, rowCount, components, offsets, ...block }) => {
      let origin = originOf.get(interaction);
      if (origin === undefined) {
        const { name, direction } = interaction;
        const chip = trace.tables[table]!.chip.name;
        origin = origins.push({ chip, interaction: name, direction }) - 1;
        originOf.set(interaction, origin);
      }
      const sign = interaction.direction === 'send' ? 1 : -1;
      for (let i = 0; i < rowCount; i++) {
        const multiplicity = block.multiplicities[block.multiplicityOffset + i]!;
        if (multiplicity === 0) continue;
        messages.put(components, offsets, i, multiplicity, sign, origin, firstRow + i);
      }
    },
  );
  const offsets = new Int32Array(bus.fields.length);
  instance.publicTerms.forEach((term: PublicTerm, index) => {
    if (term.bus.id !== bus.id) return;
    const { direction, multiplicity } = term;
    const origin =
      origins.push({ chip: 'public', interaction: `public term ${index}`, direction }) - 1;
    const components = term.message.map((value) => Int32Array.of(value));
    messages.put(components, offsets, 0, multiplicity, direction === 'send' ? 1 : -1, origin, -1);
  });
  let found = 0;
  messages.forEachUnbalanced((values, count, residue, origin, row) => {
    if (found++ >= LISTED) return;
    const message = Object.fromEntries(bus.fields.map((field, k) => [field, values[k]!]));
    failures.push({
      kind: 'bus',
      bus: bus.name,
      message,
      count,
      residue,
      ...origins[origin]!,
      row,
    });
  });
  return found;
}
