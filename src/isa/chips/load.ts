/**
 * Loads of 1, 2, 4 and 8 bytes from memory, little endian, at any alignment.
 *
 * The bytes lie in one cell or across two: eight limbs. The one-hot shift selects five of them, the
 * first holding the first byte; split into bytes they are moved down by one byte where the address is
 * odd. One row of 129 cells serves both cases, where 115 would do inside one cell.
 *
 * Assumes: limbs of registers, cells and window lengths are below 2^16; what `memory-cells.ts` assumes.
 * Proves: rd is the value at rs1 + offset as the instruction extends it; or the access is not allowed,
 * nothing is written and the machine goes to the target.
 * Spec: `spec/2-instructions.md`, memory.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, not, sub } from '../../stark/air/expr.ts';
import { bytePair } from '../../stark/tables/bytes.ts';
import { range } from '../../stark/tables/range.ts';
import { instructions } from '../instructions.ts';
import { memoryBytes } from '../semantics/load-store.ts';
import { eventLayout } from '../trace.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selectedLimbs } from './memory-cells.ts';
import { selector } from './selector.ts';
import { wordAddress } from './word-address.ts';

const SIGN_FILL = 0xffff;
const windowAt = eventLayout('load').offsetOf('window').before;
const baseAt = eventLayout('load').offsetOf('rs1').before;

export const load: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('load');
  const names = [
    'ld8u',
    'ld16u',
    'ld32u',
    'ld64',
    'ld8s',
    'ld16s',
    'ld32s',
    'ld8s32',
    'ld16s32',
  ] as const;
  const select = selector(chip, names);
  const { real } = select;
  const size1 = select.any('ld8u', 'ld8s', 'ld8s32');
  const size2 = select.any('ld16u', 'ld16s', 'ld16s32');
  const size4 = select.any('ld32u', 'ld32s');
  const size8 = select.flag.ld64;
  const isSigned = select.any('ld8s', 'ld16s', 'ld32s', 'ld8s32', 'ld16s32');
  const isSigned64 = select.any('ld8s', 'ld16s', 'ld32s');
  const address = wordAddress(chip, {
    real,
    size: add(size1, mul(2, size2), mul(4, size4), mul(8, size8)),
    isStore: false,
  });
  const { memory, base, slots } = address;

  const { fault, isOdd, shift } = memory;
  const adapter = instructionAdapter(chip, 'load', {
    ...select,
    fault,
    cells: memory.cells,
    slots,
    before: { window: memory.window, rs1: base },
  });

  // Five limbs from the one with the first byte, as bytes: sum_j shift_j * limb_(k+j)
  const limbs = [...adapter.columnsBefore('cell0'), ...adapter.columnsBefore('cell1')];
  const bytes = selectedLimbs(shift, limbs, 5).map((selected, k) => {
    const low = chip.column(`low${k}`, `low byte of selected limb ${k}`);
    const top = chip.column(`top${k}`, `high byte of selected limb ${k}`);
    chip.equal(`selected limb ${k}`, add(low, mul(256, top)), selected);
    bytePair(chip, `bytes of limb ${k}`, low, top, real);
    return [low, top] as const;
  });
  // Limb k of the value: bytes 2k and 2k + 1 from the address on.
  const value = [0, 1, 2, 3].map((k) => {
    const [low, top] = bytes[k]!;
    const even = add(low, mul(256, top));
    const odd = add(top, mul(256, bytes[k + 1]![0]));
    return add(mul(isOdd, odd), mul(not(isOdd), even));
  });
  const firstByte = add(mul(isOdd, bytes[0]![1]), mul(not(isOdd), bytes[0]![0]));

  const sign = chip.bit('sign', 'top bit of the value loaded, 0 without sign extension');
  const top = chip.column('top', 'limb whose top bit is the sign');
  chip.zero('no sign without extension', mul(sign, not(isSigned)));
  // top = 2^8 byte, the limb, or the second limb
  const signed1 = select.any('ld8s', 'ld8s32');
  const signed2 = select.any('ld16s', 'ld16s32');
  const topLimb = add(
    mul(signed1, mul(256, firstByte)),
    mul(signed2, value[0]!),
    mul(select.flag.ld32s, value[1]!),
  );
  chip.equal('top limb', top, topLimb);
  // top - 2^15 sign in [0, 2^15), so sign is the top bit
  range(chip, 'rest of the top limb', 15, sub(top, mul(2 ** 15, sign)), isSigned);

  const result = adapter.after('rd');
  const wider = add(size2, size4, size8);
  const byteFill = mul(SIGN_FILL - 255, sign);
  // result0 = value0, or the byte with its sign in the upper byte
  chip.equal(
    'result limb 0',
    result[0]!,
    add(mul(wider, value[0]!), mul(size1, add(firstByte, byteFill))),
  );
  const fill = mul(SIGN_FILL, sign);
  // result1 = value1, or the sign
  chip.equal(
    'result limb 1',
    result[1]!,
    add(mul(add(size4, size8), value[1]!), mul(add(size1, size2), fill)),
  );
  for (const k of [2, 3]) {
    // result2, result3 = value, or the sign where it is extended to 64 bits
    chip.equal(`result limb ${k}`, result[k]!, add(mul(size8, value[k]!), mul(isSigned64, fill)));
  }

  const extendsSign = new Uint8Array(256);
  for (const name of names) {
    if (/s/.test(name)) extendsSign[instructions[name].opcode] = 1;
  }
  /** Bytes of the selected limbs of one row. */
  const selected = new Uint8Array(10);
  return {
    description: chip.build({
      assumes: ['limbs of registers, cells and window lengths are below 2^16'],
      proves: [
        'rd is the value at rs1 + offset, extended as the instruction says',
        'or fault exactly if the address is 2^32 or more or the access ends past the window',
      ],
      stride: adapter.stride,
    }),
    format: 'load',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.each((row) => {
        const size = memoryBytes[row.opcode]!;
        const at = address.fill(row, { base: baseAt, window: windowAt, size });
        const skip = (at.address >>> 1) & 3;
        for (let k = 0; k < 5; k++) {
          const limb = k + skip < 8 ? row.get(limbs[k + skip]!) : 0;
          selected[2 * k] = limb;
          selected[2 * k + 1] = limb >>> 8;
          row.set(bytes[k]![0], limb & 255);
          row.set(bytes[k]![1], limb >>> 8);
        }
        if (extendsSign[row.opcode] === 0) return;
        // The last byte of the value, in the upper half of a limb.
        const last = (at.address & 1) + size - 1;
        const below = size === 1 ? 0 : selected[last - 1]!;
        const shown = below + 256 * selected[last]!;
        row.set(top, shown);
        row.set(sign, shown >>> 15);
      });
      adapter.fillNextPc(rows);
    },
  };
}
