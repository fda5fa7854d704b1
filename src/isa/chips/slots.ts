/** The slots of the program message: which columns a format needs, and what each carries. */

import type { ChipBuilder } from '../../stark/air/chip.ts';
import type { Column } from '../../stark/air/expr.ts';
import type { Format } from '../formats.ts';

export type SlotName = 's0' | 's1' | 'x0' | 'x1' | 'x2' | 'x3';

/** Columns of the slots that a format uses. */
export type Slots = Readonly<Partial<Record<SlotName, Column>>>;

/** In the order of the message, behind pc and op. */
export const slotNames = ['s0', 's1', 'x0', 'x1', 'x2', 'x3'] as const;

/** Limbs of an immediate: 64 or 32 bits. */
export function immediateLimbs(kind: 'wordImmediate' | 'wideImmediate'): number {
  return kind === 'wordImmediate' ? 4 : 2;
}

/** The slot that carries the operand. */
export function slotOf(format: Format, operand: string): SlotName {
  for (const [slot, name] of Object.entries(format.slots)) {
    if (name === operand) return slot as SlotName; // keys of `slots` are slot names
  }
  throw new TypeError(`expected a slot for ${operand}`);
}

/** Declares the columns that are not given. */
export function declareSlots(chip: ChipBuilder, format: Format, given: Slots): Slots {
  const slots: Partial<Record<SlotName, Column>> = {};
  const meanings = new Map<SlotName, string>();
  for (const [slot, operand] of Object.entries(format.slots)) {
    const name = slot as SlotName; // keys of `slots` are slot names
    meanings.set(name, operand);
    const kind = format.operands.find((entry) => entry.name === operand)?.kind;
    if (kind === 'offset' || kind === 'gas' || kind === 'length') {
      const high = `${name[0]}${Number(name[1]) + 1}` as SlotName; // x0 -> x1, x1 -> x2
      meanings.set(high, `${operand}, upper limb`);
    }
  }
  if (format.alternative) {
    const count = immediateLimbs(format.alternative.kind);
    for (let i = 0; i < count; i++) {
      const name = `x${i}` as SlotName; // i < 4
      const operand = meanings.get(name);
      meanings.set(name, operand ? `${operand}, or immediate limb ${i}` : `immediate limb ${i}`);
    }
  }
  for (const name of slotNames) {
    const meaning = meanings.get(name);
    if (meaning !== undefined) slots[name] = given[name] ?? chip.column(name, meaning);
  }
  return slots;
}
