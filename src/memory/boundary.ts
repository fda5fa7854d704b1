/**
 * The boundary of memory: one row for each touched cell, with its first and its last value.
 *
 * Rows ascend strictly in their whole address, hence each cell has at most one. How a cell starts is
 * forced by its address, never chosen: cells of the image consume an entry of the image table, each of
 * which is sent exactly once; cells of the private segment are free; all others start at zero. Cells of
 * the output segment, and only they, go to the verifier.
 *
 * Assumes: one instance of each boundary; the image table holds each entry once.
 * Proves: every access to a cell belongs to one chain from its first value to its last.
 * Spec: `spec/5-memory.md`.
 */

import { type Bus, ChipBuilder, type ChipDescription } from '../stark/air/chip.ts';
import { add, type Column, type Expr, lastRow, mul, next, not, sub } from '../stark/air/expr.ts';
import { type IsNonzero, isNonzero } from '../stark/gadgets/is-nonzero.ts';
import { range } from '../stark/tables/range.ts';
import { addressSpaces, segments } from './address-space.ts';
import { imageBus, memoryBus, outputBus, wideBus } from './buses.ts';

const MEMORY_SPACE = addressSpaces.memory.high;

/** Where a row of a recorded boundary has what: the bus address, the times, first and last value. */
export interface BoundaryRow {
  readonly high: number;
  readonly low: number;
  readonly firstTime: number;
  readonly lastTime: number;
  /** Limbs. */
  readonly first: ArrayLike<number>;
  readonly last: ArrayLike<number>;
  /** An entry of the image starts it. */
  readonly isImage: boolean;
}

export interface BoundaryChip {
  readonly description: ChipDescription;
  /** Rows must come in ascending order. `index` is the row, `nextRow` the one after it, if any. */
  fill(
    columns: readonly Uint32Array[],
    index: number,
    row: BoundaryRow,
    nextRow: BoundaryRow | undefined,
  ): void;
}

interface Cells {
  readonly low: readonly Column[];
  readonly first: readonly Column[];
  readonly last: readonly Column[];
  readonly firstTime: Column;
  readonly lastTime: Column;
}

/** Address bits and the chain's two ends, as both boundaries have them. */
function cells(
  chip: ChipBuilder,
  bus: Bus,
  space: Expr | number,
  real: Expr,
  width: { first: number; last: number },
): Cells {
  const low = chip.columns('low', 2, 'address, 16 and 13 bits');
  const firstTime = chip.column('firstTime', 'time before the first access');
  const lastTime = chip.column('lastTime', 'time of the last access');
  const first = chip.columns('first', width.first, 'value at the start');
  const last = chip.columns('last', width.last, 'value at the end');
  range(chip, 'address bits 0 to 15', 16, low[0]!, real);
  range(chip, 'address bits 16 to 28', 13, low[1]!, real);
  const address = add(low[0]!, mul(2 ** 16, low[1]!));
  const start = first.length > 0 ? first : last.map(() => 0);
  chip.send('first value', bus, [space, address, firstTime, ...start], real);
  chip.receive('last value', bus, [space, address, lastTime, ...last], real);
  return { low, first, last, firstTime, lastTime };
}

/** Real rows are a prefix of the table; 1 where the next row is real and is not row 0 again. */
function prefix(chip: ChipBuilder, real: Expr, nextReal: Expr): Column {
  const ordered = chip.column('ordered', 'the next row is real and stands after this one');
  // ordered = real' * (1 - lastRow)
  chip.equal('ordered', ordered, mul(nextReal, not(lastRow)));
  chip.zero('real rows are a prefix', mul(ordered, not(real)));
  return ordered;
}

function fillCells(
  set: (column: Column, value: number) => void,
  where: Cells,
  row: BoundaryRow,
): void {
  set(where.low[0]!, row.low & 0xffff);
  set(where.low[1]!, row.low >>> 16);
  set(where.firstTime, row.firstTime);
  set(where.lastTime, row.lastTime);
  where.first.forEach((column, i) => {
    set(column, row.first[i]!);
  });
  where.last.forEach((column, i) => {
    set(column, row.last[i]!);
  });
}

export const wideBoundary: BoundaryChip = describeWide();
export const wordBoundary: BoundaryChip = describeWord();

function describeWide(): BoundaryChip {
  const chip = new ChipBuilder('wide-boundary');
  const real = chip.bit('real', 'a touched cell');
  const where = cells(chip, wideBus, 0, real, { first: 0, last: 16 });
  const ordered = prefix(chip, real, next(real));
  const step = chip.column('stepHigh', 'upper 13 bits of the gap to the next address');
  // low' - low - 1 in [0, 2^29)
  const gap = sub(
    sub(add(next(where.low[0]!), mul(2 ** 16, next(where.low[1]!))), 1),
    addressOf(where),
  );
  range(chip, 'gap bits 0 to 15', 16, sub(gap, mul(2 ** 16, step)), ordered);
  range(chip, 'gap bits 16 to 28', 13, step, ordered);
  return {
    description: chip.build({
      assumes: [],
      proves: ['each wide register has one row and starts at zero'],
      instances: 'one',
    }),
    fill(columns, index, row, nextRow) {
      const set = setter(columns, index);
      set(real, 1);
      fillCells(set, where, row);
      if (nextRow) {
        set(ordered, 1);
        set(step, (nextRow.low - row.low - 1) >>> 16);
      }
    },
  };
}

function describeWord(): BoundaryChip {
  const chip = new ChipBuilder('word-boundary');
  const names = ['word register', 'global', 'window', 'record', 'memory'];
  const spaces = names.map((name, i) => chip.bit(`space${i}`, `the cell is a ${name}`));
  const isMemory = spaces[MEMORY_SPACE]!;
  const real = add(...spaces);
  chip.isBit('at most one space', real);
  const high = chip.columns('high', 2, 'segment, 16 and 12 bits');
  const segment = add(high[0]!, mul(2 ** 16, high[1]!));
  // space + segment, memory being the last space
  const space = add(...spaces.map((flag, i) => mul(i, flag)), segment);
  const nextSpace = add(
    ...spaces.map((flag, i) => mul(i, next(flag))),
    next(high[0]!),
    mul(2 ** 16, next(high[1]!)),
  );
  range(chip, 'segment bits 0 to 15', 16, high[0]!, real);
  range(chip, 'segment bits 16 to 27', 12, high[1]!, real);
  chip.zero('only memory has segments', mul(not(isMemory), segment));

  const where = cells(chip, memoryBus, space, real, { first: 4, last: 4 });
  const ordered = prefix(chip, real, add(...spaces.map((flag) => next(flag))));
  const same = chip.bit('same', 'the next row is of the same segment of the same space');
  const gap = chip.columns('gap', 2, 'distance to the next address, less 1, 16 and 13 bits');
  chip.zero('same space', mul(ordered, same, sub(nextSpace, space)));
  // gap = same ? low' - low - 1 : space' - space - 1
  const lowGap = sub(
    sub(add(next(where.low[0]!), mul(2 ** 16, next(where.low[1]!))), 1),
    addressOf(where),
  );
  const spaceGap = sub(sub(nextSpace, space), 1);
  const expected = add(mul(same, lowGap), mul(not(same), spaceGap));
  chip.zero('gap', mul(ordered, sub(expected, add(gap[0]!, mul(2 ** 16, gap[1]!)))));
  range(chip, 'gap bits 0 to 15', 16, gap[0]!, ordered);
  range(chip, 'gap bits 16 to 28', 13, gap[1]!, ordered);

  const isImage = chip.bit('isImage', 'starts with an entry of the image');
  const isFree = chip.bit('isFree', 'a cell of the private segment, which may start with anything');
  const starts = add(isImage, isFree);
  chip.zero('padding has no kind', mul(starts, not(real)));
  // Only memory has segments, so this is memory. With an entry of the image too it starts at zero.
  chip.zero('free is private', mul(isFree, sub(segment, segments.privateInput)));
  chip.receive('image', imageBus, [space, addressOf(where), ...where.first], isImage);
  where.first.forEach((limb, i) => {
    chip.zero(`limb ${i} starts at zero`, mul(not(starts), limb));
    range(chip, `free limb ${i}`, 16, limb, isFree);
  });

  // Exactly the cells of memory segment 0 are output.
  const isElsewhere: IsNonzero = isNonzero(chip, 'isElsewhere', add(segment, sub(real, isMemory)));
  const isOutput = sub(real, isElsewhere.flag);
  chip.send('output', outputBus, [addressOf(where), ...where.last], isOutput);

  return {
    description: chip.build({
      assumes: ['the image table sends each of its entries once'],
      proves: [
        'each cell has one row',
        'it starts with its image entry, freely in the private segment, or at zero',
        'the cells of the output segment end as the verifier expects',
      ],
      instances: 'one',
    }),
    fill(columns, index, row, nextRow) {
      const set = setter(columns, index);
      const space_ = Math.min(row.high, MEMORY_SPACE);
      const segmentNumber = row.high - space_;
      set(spaces[space_]!, 1);
      set(high[0]!, segmentNumber & 0xffff);
      set(high[1]!, segmentNumber >>> 16);
      fillCells(set, where, row);
      set(isImage, row.isImage ? 1 : 0);
      const isPrivate = space_ === MEMORY_SPACE && segmentNumber === segments.privateInput;
      set(isFree, isPrivate && !row.isImage ? 1 : 0);
      isElsewhere.fill(set, segmentNumber + (space_ === MEMORY_SPACE ? 0 : 1));
      if (!nextRow) return;
      const isSame = nextRow.high === row.high;
      const distance = isSame ? nextRow.low - row.low - 1 : nextRow.high - row.high - 1;
      set(ordered, 1);
      set(same, isSame ? 1 : 0);
      set(gap[0]!, distance & 0xffff);
      set(gap[1]!, distance >>> 16);
    },
  };
}

function addressOf(where: Cells): Expr {
  return add(where.low[0]!, mul(2 ** 16, where.low[1]!));
}

function setter(columns: readonly Uint32Array[], index: number) {
  return (column: Column, value: number): void => {
    columns[column.index]![index] = value;
  };
}
