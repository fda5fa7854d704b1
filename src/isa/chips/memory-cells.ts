/**
 * From a byte address to memory cells, for the four chips that access memory: the bounds check, the
 * fault, the cells touched and where the bytes lie in them.
 *
 * The address is low + 2^16 high with low = 8 cellLow + 2 shift + isOdd, shift one-hot. The room left
 * is length - address - size by limbs; each borrow is 0, 1 or 2, since size is small, and the last one
 * differs from 0 exactly if the access ends past the window.
 *
 * The upper limb needs no range check where it is the sum of two limbs less a carry that is a bit, and the
 * carry counts in `overflow`. Were it 2^16 or more, the borrow could not be 0: the fault is there as it must
 * be. Were it negative, the room would only be in range if the access ended past the window anyway.
 *
 * Assumes: the window's length limbs are below 2^16, `high` is too or is such a sum; `overflow` is 0 exactly
 * if the address is below 2^32, and below p; `size` at most 32.
 * Proves: fault = 1 exactly if the address is 2^32 or more, the access ends past the window, or it is a
 * store and the window is not writable; crosses = 1 exactly if there is no fault and the bytes reach
 * into one more cell than they fill.
 */

import { addressSpaces } from '../../memory/address-space.ts';
import type { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Column, type Expr, mul, not, sub } from '../../stark/air/expr.ts';
import { carriesOf } from '../../stark/gadgets/add-limbs.ts';
import { isNonzero } from '../../stark/gadgets/is-nonzero.ts';
import { range } from '../../stark/tables/range.ts';

import type { Row } from './row.ts';

export interface MemoryCells {
  readonly window: readonly Column[];
  readonly fault: Column;
  readonly crosses: Column;
  /** The low 16 bits of the address. */
  readonly low: Expr;
  /** The low bit of the address. */
  readonly isOdd: Column;
  /** `shift[j]` is 1 if the first byte lies in limb j of the first cell; all 0 only in padding. */
  readonly shift: readonly Expr[];
  /** Cells in the order of their addresses, as the adapter wants them. */
  readonly cells: readonly { space: Expr; address: Expr; multiplicity: Expr }[];
  /** `address` is taken modulo 2^32; `overflow` is the canonical value of that expression. */
  fill(
    row: Row,
    access: { address: number; overflow: number; size: number; windowOffset: number },
  ): boolean;
}

export function memoryCells(
  chip: ChipBuilder,
  given: {
    real: Expr;
    high: Expr;
    overflow: (low: Expr) => Expr;
    /** Bytes accessed. */
    size: Expr;
    /** Whole cells that an access aligned to 8 bytes fills; accesses of less than 8 bytes count as 1. */
    cellCount: number;
    isStore: boolean;
  },
): MemoryCells {
  const { real, high, size, cellCount, isStore } = given;
  const window = chip.columns('window', 4, 'segment, length in two limbs, writable');
  const fault = chip.column('fault', 'the access is not allowed');
  const crosses = chip.bit('crosses', 'bytes lie in one more cell');
  const isOdd = chip.bit('isOdd', 'low bit of the address');
  const shifts = [1, 2, 3].map((j) => chip.bit(`shift${j}`, `first byte in limb ${j} of its cell`));
  const cellLow = chip.column('cellLow', 'bits 3 to 15 of the address');
  const room = chip.columns('room', 2, 'length - address - size modulo 2^32');

  const anyShift = add(...shifts);
  chip.isBit('one shift', anyShift);
  const inCell = add(isOdd, ...shifts.map((bit, i) => mul(2 * (i + 1), bit)));
  const low = add(inCell, mul(8, cellLow));
  range(chip, 'cell bits', 13, cellLow, real);

  const isLarge = isNonzero(chip, 'isLarge', given.overflow(low));
  // room + address + size = length + 2^32 borrow
  const [first, last] = carriesOf(room, [add(low, size), high], [window[1]!, window[2]!]);
  for (const [name, borrow] of [
    ['first', first!],
    ['last', last!],
  ] as const) {
    chip.zero(`${name} borrow is 0, 1 or 2`, mul(borrow, sub(borrow, 1), sub(borrow, 2)));
  }
  room.forEach((limb, i) => {
    range(chip, `room limb ${i}`, 16, limb, real);
  });
  // 1 for a last borrow of 1 or 2: borrow * (3 - borrow) / 2; one half is 2^30.
  const endsPast = mul(2 ** 30, last!, sub(3, last!));
  const isOutside = isStore
    ? chip.column('isOutside', 'the access ends past the window')
    : undefined;
  if (isOutside) {
    chip.equal('outside is a borrow', isOutside, endsPast);
    const isReadOnly = sub(real, window[3]!);
    // fault = isLarge or isOutside or isReadOnly
    const none = mul(not(isLarge.flag), not(isOutside), not(isReadOnly));
    chip.equal('fault is any reason', fault, not(none));
  } else {
    // fault = isLarge or endsPast
    chip.equal('fault is any reason', fault, not(mul(not(isLarge.flag), not(endsPast))));
  }

  // Else a padding row could make its accesses with multiplicity -1, that is backwards.
  chip.zero('padding does not fault', mul(fault, not(real)));

  const happens = sub(real, fault);
  // An access of at least a cell crosses when it is not aligned: 8 (cellCount - 1) bytes do not matter.
  // 8 - inCell - size mod + 16 crosses in [0, 16)
  const rest = sub(add(size, inCell), mul(8 * (cellCount - 1), real));
  range(chip, 'crossing', 4, add(sub(mul(8, real), rest), mul(16, crosses)), happens);
  chip.zero('crosses only where it happens', mul(crosses, sub(1, happens)));

  const cell = add(cellLow, mul(2 ** 13, high));
  return {
    window,
    fault,
    crosses,
    low,
    isOdd,
    shift: [sub(real, anyShift), ...shifts],
    cells: Array.from({ length: cellCount + 1 }, (_, k) => ({
      space: add(addressSpaces.memory.high, window[0]!),
      address: add(cell, k),
      multiplicity: k < cellCount ? happens : crosses,
    })),
    fill(row, { address, overflow, size: byteCount, windowOffset }) {
      const byteLength = row.event(windowOffset + 1) >>> 0;
      const isWritable = row.event(windowOffset + 2) !== 0;
      const where = address >>> 0;
      row.set(cellLow, (where >>> 3) & 0x1fff);
      row.set(isOdd, where & 1);
      const limb = (where >>> 1) & 3;
      if (limb > 0) row.set(shifts[limb - 1]!, 1);
      isLarge.fill((column, value) => row.set(column, value), overflow);
      const left = byteLength - where - byteCount;
      row.set(room[0]!, left & 0xffff);
      row.set(room[1]!, (left >>> 16) & 0xffff);
      const isPast = left < 0;
      if (isOutside) row.set(isOutside, isPast ? 1 : 0);
      const isFault = overflow !== 0 || isPast || (isStore && !isWritable);
      row.set(fault, isFault ? 1 : 0);
      const reach = (where & 7) + byteCount - 8 * (cellCount - 1);
      row.set(crosses, !isFault && reach > 8 ? 1 : 0);
      return isFault;
    },
  };
}

/** The limb with these two bytes. */
export function pairOf(low: Expr, top: Expr): Expr {
  return add(low, mul(256, top));
}

/** The `count` limbs from the one that `shift` points to: selected[k] = sum_j shift_j * limbs[k + j]. */
export function selectedLimbs(
  shift: readonly Expr[],
  limbs: readonly Expr[],
  count: number,
): Expr[] {
  return Array.from({ length: count }, (_, k) =>
    add(...shift.map((bit, j) => (k + j < limbs.length ? mul(bit, limbs[k + j]!) : 0))),
  );
}

/** The address base + offset of a row whose base register, two lanes, was recorded at `baseAt`. */
export function effectiveAddress(
  row: Row,
  baseAt: number,
  offset: number,
): { address: number; overflow: number } {
  const sum = (row.event(baseAt) >>> 0) + offset;
  const upper = row.event(baseAt + 1);
  const carry = sum >= 2 ** 32 ? 1 : 0;
  return { address: sum >>> 0, overflow: (upper & 0xffff) + (upper >>> 16) + carry };
}

/** The address of a row of a 32-byte access: the immediate, or the wide word recorded at `baseAt`. */
export function wideAddress(row: Row, baseAt: number): { address: number; overflow: number } {
  if (row.message(0) >= 256) {
    return { address: row.message(3) + row.message(4) * 65536, overflow: 0 };
  }
  let overflow = 0;
  for (let i = 1; i < 8; i++) {
    const lane = row.event(baseAt + i);
    overflow += (lane & 0xffff) + (lane >>> 16);
  }
  return { address: row.event(baseAt) >>> 0, overflow };
}
