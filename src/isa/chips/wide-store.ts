/**
 * Stores of one wide word as 32 bytes to memory, big endian, at any alignment.
 *
 * The bytes lie in four cells, or across five: twenty limbs. The one-hot shift selects seventeen of them,
 * the first holding the first byte. What they become is written from the bytes of the value; at an odd
 * address the outer bytes of the first and last limb stay. One row of 228 cells serves both cases, where
 * 190 would do at an aligned address.
 *
 * Assumes: limbs of registers, cells and window lengths are below 2^16; what `memory-cells.ts` assumes.
 * Proves: the 32 bytes at the wide address rs1 become those of rs2, the most significant first, and no
 * other byte changes; or the access is not allowed, nothing is written and the machine goes to the target.
 * Spec: `spec/2-instructions.md`, memory.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, sub } from '../../stark/air/expr.ts';
import { bytePair } from '../../stark/tables/bytes.ts';
import { eventLayout } from '../trace.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { memoryCells, pairOf, selectedLimbs, wideAddress } from './memory-cells.ts';
import { selector } from './selector.ts';

const BYTES = 32;
const LIMBS = BYTES / 2;
const layout = eventLayout('wideStore');

export const wideStore: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('wide-store');
  const select = selector(chip, ['wst']);
  const { real } = select;
  const base = chip.columns('base', 16, 'limbs of the address');
  const memory = memoryCells(chip, {
    real,
    high: base[1]!,
    overflow: () => add(...base.slice(2)),
    size: mul(BYTES, real),
    cellCount: 4,
    isStore: true,
  });
  chip.equal('low limb of the address', base[0]!, memory.low);

  const bytes = chip.columns('byte', BYTES, 'bytes of rs2 in the order of memory');
  for (let k = 0; k < LIMBS; k++) {
    bytePair(chip, `bytes ${2 * k} and ${2 * k + 1}`, bytes[2 * k]!, bytes[2 * k + 1]!, real);
  }

  const { fault, isOdd } = memory;
  const adapter = instructionAdapter(chip, 'wideStore', {
    ...select,
    fault,
    cells: memory.cells,
    before: {
      window: memory.window,
      rs1: base,
      // Big endian: the last pair of bytes is limb 0.
      rs2: Array.from({ length: LIMBS }, (_, i) => {
        const k = LIMBS - 1 - i;
        return pairOf(bytes[2 * k + 1]!, bytes[2 * k]!);
      }),
    },
  });

  const names = [0, 1, 2, 3, 4].map((k) => `cell${k}`);
  const old = names.flatMap((name) => adapter.columnsBefore(name));
  const fresh = names.flatMap((name) => adapter.columnsAfter(name));
  const oldSelected = selectedLimbs(memory.shift, old, LIMBS + 1);
  const freshSelected = selectedLimbs(memory.shift, fresh, LIMBS + 1);

  // Outside the selected seventeen nothing changes.
  old.forEach((limb, i) => {
    const outside = memory.shift.filter((_, j) => i < j || i > j + LIMBS);
    if (outside.length === 0) return;
    chip.zero(`limb ${i} outside is kept`, mul(add(...outside), sub(fresh[i]!, limb)));
  });

  // Bytes of the first and the last selected limb as they were: one of each stays at an odd address.
  const firstLow = chip.column('firstLow', 'low byte of the first limb before');
  const firstTop = chip.column('firstTop', 'high byte of the first limb before');
  const lastLow = chip.column('lastLow', 'low byte of the last limb before');
  const lastTop = chip.column('lastTop', 'high byte of the last limb before');
  bytePair(chip, 'bytes of the first limb', firstLow, firstTop, real);
  bytePair(chip, 'bytes of the last limb', lastLow, lastTop, real);
  const lastOld = pairOf(lastLow, lastTop);
  chip.equal('first limb before', pairOf(firstLow, firstTop), oldSelected[0]!);
  chip.equal('last limb before', lastOld, oldSelected[LIMBS]!);

  for (let k = 0; k < LIMBS; k++) {
    const even = pairOf(bytes[2 * k]!, bytes[2 * k + 1]!);
    const odd = pairOf(k === 0 ? firstLow : bytes[2 * k - 1]!, bytes[2 * k]!);
    // selected = isOdd ? odd : even
    chip.equal(`limb ${k} after`, freshSelected[k]!, add(even, mul(isOdd, sub(odd, even))));
  }
  // At an even address the value ends before this limb.
  const oddLast = pairOf(bytes[BYTES - 1]!, lastTop);
  chip.equal(
    `limb ${LIMBS} after`,
    freshSelected[LIMBS]!,
    add(lastOld, mul(isOdd, sub(oddLast, lastOld))),
  );

  const baseAt = layout.offsetOf('rs1').before;
  const windowOffset = layout.offsetOf('window').before;
  /** The cells of one row, overwritten by the next. */
  const cells = new Uint8Array(2 * old.length);
  return {
    description: chip.build({
      assumes: ['limbs of registers, cells and window lengths are below 2^16'],
      proves: [
        'the 32 bytes at the wide address rs1 become those of rs2, big endian, no other byte changes',
        'or fault exactly if the address is 2^32 or more, the access ends past the window, or the window is read-only',
      ],
      stride: adapter.stride,
    }),
    format: 'wideStore',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.bytes(bytes.toReversed(), layout.offsetOf('rs2').before);
      rows.each((row) => {
        const { address, overflow } = wideAddress(row, baseAt);
        memory.fill(row, { address, overflow, size: BYTES, windowOffset });

        // The limbs after the store from those before: also where a cell was not accessed and is zeros here.
        const skip = address & 7;
        for (let k = 0; k < old.length; k++) {
          const limb = row.get(old[k]!);
          cells[2 * k] = limb;
          cells[2 * k + 1] = limb >>> 8;
        }
        const first = skip & 6;
        row.set(firstLow, cells[first]!);
        row.set(firstTop, cells[first + 1]!);
        row.set(lastLow, cells[first + BYTES]!);
        row.set(lastTop, cells[first + BYTES + 1]!);
        for (let i = 0; i < BYTES; i++) cells[skip + i] = row.get(bytes[i]!);
        for (let k = 0; k < fresh.length; k++) {
          row.set(fresh[k]!, cells[2 * k]! + 256 * cells[2 * k + 1]!);
        }
      });
      adapter.fillNextPc(rows);
    },
  };
}
