/**
 * The layout of a proof: what is committed where, what is opened where, in which order.
 *
 * It is a function of the system, the heights of fixed tables and the claimed list of tables, and of
 * nothing else that a proof says. Prover and verifier walk the same lists; positions in them give
 * the powers of gamma (constraints) and of delta (openings). `spec/7-proof-system.md`, "Layout".
 */

import type { ChipDescription } from './air/chip.ts';
import { lookupColumnCount, MAX_CONSTRAINT_DEGREE, nextColumns } from './air/chip.ts';
import { MODULUS } from './field/m31.ts';
import type { TableShape } from './hash/merkle-verify.ts';
import type { Profile, ProofSize } from './parameters.ts';
import { accept, type Checked, refuse } from './rejection.ts';
import { fixedLogRows, type Instance } from './system.ts';

/** A table as a proof claims it. */
export interface TableClaim {
  /** Index in `system.chips`. */
  readonly chip: number;
  readonly logRows: number;
}

export const MIN_LOG_ROWS = 4;
export const MAX_LOG_ROWS = 24;
/** Tables of one chip. */
export const MAX_INSTANCES = 64;

export const treeNames = ['main', 'interaction', 'constant', 'composition'] as const;
export type TreeName = (typeof treeNames)[number];

/** One opened value: a column of a tree at zeta (point 0) or at zeta + g (point 1). */
export interface Opening {
  readonly tree: TreeName;
  /** Index in the tree's list of tables. */
  readonly table: number;
  readonly column: number;
  readonly point: 0 | 1;
}

export interface TableLayout {
  readonly chip: ChipDescription;
  readonly logRows: number;
  /** Index in the interaction tree, -1 without interactions. */
  readonly interactionTable: number;
  /** Index in the constant tree, -1 unless the fixed columns are constant. */
  readonly constantTable: number;
  readonly lookupColumns: number;
  /** Power of gamma of the first constraint; those of the lookup columns follow the chip's own. */
  readonly firstConstraint: number;
  /** Positions in `openings`; -1 where a column is not opened one row further. */
  readonly mainHere: readonly number[];
  readonly mainNext: readonly number[];
  readonly interactionHere: readonly number[];
  /** Of the last lookup column, the running sum; empty without interactions. */
  readonly interactionNext: readonly number[];
  readonly constantHere: readonly number[];
}

export interface Layout {
  /** log2 of the rows of the tallest table. */
  readonly logRows: number;
  readonly tables: readonly TableLayout[];
  /** Shapes of the low degree extensions. */
  readonly trees: Readonly<Record<TreeName, readonly TableShape[]>>;
  readonly openings: readonly Opening[];
  readonly constraintCount: number;
  readonly size: ProofSize;
}

/**
 * The layout for a claimed list of tables, or why the list is refused: chips in canonical order,
 * tables of one chip taller first, single tables single, fixed tables present at their own height,
 * heights and counts within limits, the clock and all multiplicities below their bounds.
 */
export function layoutTables(
  instance: Instance,
  profile: Profile,
  claims: readonly TableClaim[],
): Checked<Layout> {
  const refusal = checkClaims(instance, claims);
  if (refusal !== undefined) return refusal;
  const { field, logBlowup } = profile;
  const logRows = Math.max(...claims.map((claim) => claim.logRows));
  const openings: Opening[] = [];
  const trees: Record<TreeName, TableShape[]> = {
    main: [],
    interaction: [],
    constant: [],
    composition: [{ logHeight: logRows + logBlowup, width: 2 * field.degree }],
  };
  const chips = claims.map(({ chip }) => instance.system.chips[chip]!);
  const open = (
    tree: TreeName,
    shape: TableShape,
    further: (column: number) => boolean,
  ): { here: number[]; next: number[] } => {
    const table = trees[tree].push(shape) - 1;
    const here: number[] = [];
    const next: number[] = [];
    for (let column = 0; column < shape.width; column++) {
      here.push(openings.push({ tree, table, column, point: 0 }) - 1);
      next.push(further(column) ? openings.push({ tree, table, column, point: 1 }) - 1 : -1);
    }
    return { here, next };
  };
  const shapeOf = (index: number, width: number): TableShape => ({
    logHeight: claims[index]!.logRows + logBlowup,
    width,
  });
  const main = chips.map((chip, index) => {
    const used = columnsReadAhead(chip);
    return open('main', shapeOf(index, chip.columns.length), (column) => used.has(column));
  });
  const nothing = { here: [], next: [], table: -1 };
  const interaction = chips.map((chip, index) => {
    const width = lookupColumnCount(chip) * field.degree;
    if (width === 0) return nothing;
    const table = trees.interaction.length;
    const isSum = (column: number): boolean => column >= width - field.degree;
    return { table, ...open('interaction', shapeOf(index, width), isSum) };
  });
  const constant = chips.map((chip, index) => {
    if (chip.fixedSource !== 'constant') return nothing;
    const table = trees.constant.length;
    return { table, ...open('constant', shapeOf(index, chip.fixedColumns.length), () => false) };
  });
  for (let column = 0; column < 2 * field.degree; column++) {
    openings.push({ tree: 'composition', table: 0, column, point: 0 });
  }
  let constraintCount = 0;
  const tables = chips.map((chip, index): TableLayout => {
    const firstConstraint = constraintCount;
    const lookupColumns = lookupColumnCount(chip);
    constraintCount += chip.constraints.length + lookupColumns;
    return {
      chip,
      logRows: claims[index]!.logRows,
      interactionTable: interaction[index]!.table,
      constantTable: constant[index]!.table,
      lookupColumns,
      firstConstraint,
      mainHere: main[index]!.here,
      mainNext: main[index]!.next,
      interactionHere: interaction[index]!.here,
      interactionNext: interaction[index]!.next.slice(-field.degree),
      constantHere: constant[index]!.here,
    };
  });
  const size: ProofSize = {
    logRows,
    lookups: instance.system.buses.map((bus) => ({
      fractions: countTerms(instance, claims, bus.id, () => true).fractions,
      width: bus.fields.length + 1,
    })),
    constraints: constraintCount,
    degree: MAX_CONSTRAINT_DEGREE,
    batched: openings.length,
  };
  return accept({ logRows, tables, trees, openings, constraintCount, size });
}

const readAhead = new WeakMap<ChipDescription, ReadonlySet<number>>();

/** Main columns that a chip reads in the next row, by index. */
function columnsReadAhead(chip: ChipDescription): ReadonlySet<number> {
  let found = readAhead.get(chip);
  if (found === undefined) {
    found = new Set(nextColumns(chip).map(({ index }) => index));
    readAhead.set(chip, found);
  }
  return found;
}

function checkClaims(
  instance: Instance,
  claims: readonly TableClaim[],
): ReturnType<typeof refuse> | undefined {
  const { system } = instance;
  const outside = (where: string, least: number, greatest: number, got: number) =>
    refuse({ code: 'out-of-range', where, least, greatest, got });
  const counts = new Int32Array(system.chips.length);
  let before: TableClaim | undefined;
  let ticks = 0;
  if (claims.length === 0) return outside('tables', 1, system.chips.length * MAX_INSTANCES, 0);
  for (const claim of claims) {
    const chip = system.chips[claim.chip];
    if (chip === undefined) return outside('chip', 0, system.chips.length - 1, claim.chip);
    if (before !== undefined && claim.chip < before.chip) {
      return outside(`order of ${chip.name}`, before.chip, system.chips.length - 1, claim.chip);
    }
    const highest = before?.chip === claim.chip ? before.logRows : MAX_LOG_ROWS;
    if (claim.logRows < MIN_LOG_ROWS || claim.logRows > highest) {
      return outside(`rows of ${chip.name}`, MIN_LOG_ROWS, highest, claim.logRows);
    }
    const most = chip.instances === 'one' ? 1 : MAX_INSTANCES;
    if (++counts[claim.chip]! > most) {
      return outside(`tables of ${chip.name}`, 0, most, counts[claim.chip]!);
    }
    const fixed = fixedLogRows(instance, chip);
    if (fixed !== undefined && fixed !== claim.logRows) {
      return outside(`rows of ${chip.name}`, fixed, fixed, claim.logRows);
    }
    ticks += 2 ** claim.logRows * chip.stride;
    before = claim;
  }
  for (const [index, chip] of system.chips.entries()) {
    if (chip.fixedSource !== 'none' && counts[index] !== 1) {
      return outside(`tables of ${chip.name}`, 1, 1, counts[index]!);
    }
  }
  if (ticks >= system.clockLimit) return outside('clock', 0, system.clockLimit - 1, ticks);
  // Sends of a lookup, and both sides of any other bus, have multiplicity 0 or 1 by the chips' own
  // constraints. A message sent between 1 and p - 1 times must then be received somewhere; only the
  // multiplicities of lookup tables are free, and those stand on the receiving side.
  for (const bus of system.buses) {
    for (const direction of ['send', 'receive'] as const) {
      const { weight } = countTerms(instance, claims, bus.id, (side) => side === direction);
      if (weight >= MODULUS) {
        return outside(`multiplicities of bus ${bus.name}`, 0, MODULUS - 1, weight);
      }
    }
  }
  return undefined;
}

/** Fractions on a bus, and the sum of their multiplicities if each row's is at most 1. */
function countTerms(
  instance: Instance,
  claims: readonly TableClaim[],
  busId: number,
  counts: (direction: 'send' | 'receive') => boolean,
): { fractions: number; weight: number } {
  let fractions = 0;
  for (const claim of claims) {
    const { interactions } = instance.system.chips[claim.chip]!;
    const terms = interactions.filter(
      ({ bus, direction }) => bus.id === busId && counts(direction),
    );
    fractions += terms.length * 2 ** claim.logRows;
  }
  let weight = fractions;
  for (const term of instance.publicTerms) {
    if (term.bus.id !== busId || !counts(term.direction)) continue;
    fractions++;
    weight += term.multiplicity;
  }
  return { fractions, weight };
}
