/**
 * The address of a load or store: base register + offset, for the two chips of word accesses.
 *
 * Assumes: limbs of the base and of the offset are below 2^16.
 * Proves: `memory` is about the address rs1 + offset, which does not wrap: what carries out of 32 bits,
 * and the upper limbs of the base, make the access fault.
 */

import type { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Column, type Expr } from '../../stark/air/expr.ts';
import { carriesOf } from '../../stark/gadgets/add-limbs.ts';
import { effectiveAddress, type MemoryCells, memoryCells } from './memory-cells.ts';
import type { Row } from './row.ts';

export interface WordAddress {
  readonly memory: MemoryCells;
  readonly base: readonly Column[];
  /** Slots of the program message that hold the offset. */
  readonly slots: { readonly x0: Column; readonly x1: Column };
  /** Fills all of it but `base` and the slots; returns the address modulo 2^32 and whether it faults. */
  fill(
    row: Row,
    at: { base: number; window: number; size: number },
  ): { address: number; isFault: boolean };
}

export function wordAddress(
  chip: ChipBuilder,
  given: { readonly real: Expr; readonly size: Expr; readonly isStore: boolean },
): WordAddress {
  const high = chip.column('high', 'upper limb of the address modulo 2^32');
  const base = chip.columns('base', 4, 'limbs of rs1');
  const x0 = chip.column('x0', 'low limb of the offset');
  const x1 = chip.column('x1', 'high limb of the offset');

  // address = base + offset; its limbs from 32 bits on: base2 + base3 + carry
  let carries: Expr[] = [];
  const memory = memoryCells(chip, {
    ...given,
    high,
    overflow: (low) => {
      carries = carriesOf([x0, x1], base.slice(0, 2), [low, high]);
      return add(base[2]!, base[3]!, carries[1]!);
    },
    cellCount: 1,
  });
  carries.forEach((carry, i) => {
    chip.isBit(`carry ${i} of the address`, carry);
  });
  return {
    memory,
    base,
    slots: { x0, x1 },
    fill(row, at) {
      const offset = row.message(3) + row.message(4) * 65536;
      const { address, overflow } = effectiveAddress(row, at.base, offset);
      row.set(high, address >>> 16);
      const isFault = memory.fill(row, {
        address,
        overflow,
        size: at.size,
        windowOffset: at.window,
      });
      return { address, isFault };
    },
  };
}
