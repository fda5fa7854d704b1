/**
 * Loads of 32 bytes from memory as one wide word, big endian, at any alignment.
 *
 * The bytes lie in four cells, or across five: twenty limbs. The one-hot shift selects seventeen of them,
 * the first holding the first byte. The bytes of the value are columns: at an even address a selected limb
 * is a pair of them, at an odd one it straddles two pairs, and the outer bytes of the first and last limb
 * belong to neighbours. Limbs of the result are pairs of bytes, so they need no columns. One row of 217
 * cells serves both cases, where 190 would do at an aligned address.
 *
 * Assumes: limbs of registers, cells and window lengths are below 2^16; what `memory-cells.ts` assumes.
 * Proves: rd is the 32 bytes at the wide address rs1, the first the most significant; or the access is not
 * allowed, nothing is written and the machine goes to the target.
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
const layout = eventLayout('wideLoad');

export const wideLoad: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('wide-load');
  const select = selector(chip, ['wld']);
  const { real } = select;
  const base = chip.columns('base', 16, 'limbs of the address');
  const memory = memoryCells(chip, {
    real,
    high: base[1]!,
    overflow: () => add(...base.slice(2)),
    size: mul(BYTES, real),
    cellCount: 4,
    isStore: false,
  });
  chip.equal('low limb of the address', base[0]!, memory.low);

  const bytes = chip.columns('byte', BYTES, 'bytes of the value in the order of memory');
  for (let k = 0; k < LIMBS; k++) {
    bytePair(chip, `bytes ${2 * k} and ${2 * k + 1}`, bytes[2 * k]!, bytes[2 * k + 1]!, real);
  }
  const byteBefore = chip.column('byteBefore', 'the byte before the first, at an odd address');
  const byteAfter = chip.column('byteAfter', 'the byte after the last, at an odd address');
  bytePair(chip, 'outer bytes', byteBefore, byteAfter, real);

  const { fault, isOdd } = memory;
  const adapter = instructionAdapter(chip, 'wideLoad', {
    ...select,
    fault,
    cells: memory.cells,
    before: { window: memory.window, rs1: base },
    // Big endian: the last pair of bytes is limb 0.
    after: {
      rd: Array.from({ length: LIMBS }, (_, i) => {
        const k = LIMBS - 1 - i;
        return pairOf(bytes[2 * k + 1]!, bytes[2 * k]!);
      }),
    },
  });

  const limbs = [0, 1, 2, 3, 4].flatMap((k) => adapter.columnsBefore(`cell${k}`));
  const selected = selectedLimbs(memory.shift, limbs, LIMBS + 1);
  for (let k = 0; k < LIMBS; k++) {
    const even = pairOf(bytes[2 * k]!, bytes[2 * k + 1]!);
    const odd = pairOf(k === 0 ? byteBefore : bytes[2 * k - 1]!, bytes[2 * k]!);
    // selected = isOdd ? odd : even
    chip.equal(`selected limb ${k}`, selected[k]!, add(even, mul(isOdd, sub(odd, even))));
  }
  // At an even address the value ends before this limb.
  const last = pairOf(bytes[BYTES - 1]!, byteAfter);
  chip.zero(`selected limb ${LIMBS}`, mul(isOdd, sub(selected[LIMBS]!, last)));

  const baseAt = layout.offsetOf('rs1').before;
  const windowOffset = layout.offsetOf('window').before;
  /** The cells of one row, overwritten by the next. */
  const loaded = new Uint8Array(2 * limbs.length);
  return {
    description: chip.build({
      assumes: ['limbs of registers, cells and window lengths are below 2^16'],
      proves: [
        'rd is the 32 bytes at the wide address rs1, big endian',
        'or fault exactly if the address is 2^32 or more or the access ends past the window',
      ],
      stride: adapter.stride,
    }),
    format: 'wideLoad',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.each((row) => {
        const { address, overflow } = wideAddress(row, baseAt);
        memory.fill(row, { address, overflow, size: BYTES, windowOffset });
        const skip = address & 7;
        for (let k = 0; k < limbs.length; k++) {
          const limb = row.get(limbs[k]!);
          loaded[2 * k] = limb;
          loaded[2 * k + 1] = limb >>> 8;
        }
        for (let i = 0; i < BYTES; i++) row.set(bytes[i]!, loaded[skip + i]!);
        if ((skip & 1) === 0) return;
        row.set(byteBefore, loaded[skip - 1]!);
        row.set(byteAfter, loaded[skip + BYTES]!);
      });
      adapter.fillNextPc(rows);
    },
  };
}
