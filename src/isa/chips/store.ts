/**
 * Stores of 1, 2, 4 and 8 bytes to memory, little endian, at any alignment.
 *
 * The bytes lie in one cell or across two: eight limbs. The one-hot shift selects five of them, the
 * first holding the first byte. What they become is written from the bytes of the value; only the first
 * and, at an odd address, the last limb keep a byte of what was there. One row of 125 cells serves both
 * cases, where 122 would do inside one cell.
 *
 * Assumes: limbs of registers, cells and window lengths are below 2^16; what `memory-cells.ts` assumes.
 * Proves: the bytes at rs1 + offset become those of rs2 and no other byte changes; or the access is not
 * allowed, nothing is written and the machine goes to the target.
 * Spec: `spec/2-instructions.md`, memory.
 */

import { ChipBuilder, compose } from '../../stark/air/chip.ts';
import { add, type Expr, mul, not, sub } from '../../stark/air/expr.ts';
import { bytePair } from '../../stark/tables/bytes.ts';
import { memoryBytes } from '../semantics/load-store.ts';
import { eventLayout } from '../trace.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selectedLimbs } from './memory-cells.ts';
import { selector } from './selector.ts';
import { wordAddress } from './word-address.ts';

const layout = eventLayout('store');
const windowAt = layout.offsetOf('window').before;
const baseAt = layout.offsetOf('rs1').before;
const sourceAt = layout.offsetOf('rs2').before;

export const store: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('store');
  const names = ['st8', 'st16', 'st32', 'st64'] as const;
  const select = selector(chip, names);
  const { real } = select;
  const { st8, st16, st32, st64 } = select.flag;
  const address = wordAddress(chip, {
    real,
    size: add(st8, mul(2, st16), mul(4, st32), mul(8, st64)),
    isStore: true,
  });
  const { memory, base, slots } = address;

  const source = chip.columns('byte', 8, 'bytes of rs2');
  for (let k = 0; k < 4; k++) {
    bytePair(chip, `bytes of rs2 limb ${k}`, source[2 * k]!, source[2 * k + 1]!, real);
  }
  const sourceLimbs = [0, 1, 2, 3].map((k) => compose([source[2 * k]!, source[2 * k + 1]!], 8));
  const { fault, isOdd, shift } = memory;
  const adapter = instructionAdapter(chip, 'store', {
    ...select,
    fault,
    cells: memory.cells,
    slots,
    before: { window: memory.window, rs1: base, rs2: sourceLimbs },
  });

  const old = [...adapter.columnsBefore('cell0'), ...adapter.columnsBefore('cell1')];
  const fresh = [...adapter.columnsAfter('cell0'), ...adapter.columnsAfter('cell1')];
  const oldSelected = selectedLimbs(shift, old, 5);
  const freshSelected = selectedLimbs(shift, fresh, 5);

  // Outside the selected five nothing changes.
  for (let i = 0; i < 8; i++) {
    const outside = shift.filter((_, j) => i < j || i > j + 4);
    if (outside.length > 0) {
      chip.zero(`limb ${i} outside is kept`, mul(add(...outside), sub(fresh[i]!, old[i]!)));
    }
  }

  // The first limb as it was, and the limb after the last whole one: bytes that may stay.
  const firstLow = chip.column('firstLow', 'low byte of the first limb before');
  const firstTop = chip.column('firstTop', 'high byte of the first limb before');
  const lastLow = chip.column('lastLow', 'low byte of the limb past the value before');
  const lastTop = chip.column('lastTop', 'high byte of the limb past the value before');
  bytePair(chip, 'bytes of the first limb', firstLow, firstTop, real);
  bytePair(chip, 'bytes of the last limb', lastLow, lastTop, real);
  chip.equal('first limb before', add(firstLow, mul(256, firstTop)), oldSelected[0]!);
  const oldLast = add(
    mul(st16, oldSelected[1]!),
    mul(st32, oldSelected[2]!),
    mul(st64, oldSelected[4]!),
  );
  chip.equal('last limb before', add(lastLow, mul(256, lastTop)), oldLast);

  const even = not(isOdd);
  const byte = (i: number): Expr => source[i]!;
  const pair = (low: Expr, top: Expr): Expr => add(low, mul(256, top));
  // Limb k where the value goes on: its limb k, or bytes 2k - 1 and 2k at an odd address.
  const inside = (k: number): Expr =>
    add(mul(isOdd, pair(byte(2 * k - 1), byte(2 * k))), mul(even, sourceLimbs[k]!));
  // Limb k past the value: as it was, or its last byte and the old upper byte.
  const past = (k: number): Expr =>
    add(mul(isOdd, pair(byte(2 * k - 1), lastTop)), mul(even, pair(lastLow, lastTop)));

  // first limb: old low byte and byte 0 if odd; else the value's limb 0, or byte 0 and the old upper byte
  const first = add(
    mul(isOdd, pair(firstLow, byte(0))),
    mul(even, not(st8), sourceLimbs[0]!),
    mul(even, st8, pair(byte(0), firstTop)),
  );
  chip.equal('limb 0 after', freshSelected[0]!, first);
  const kept = (k: number): Expr => oldSelected[k]!;
  const after: Expr[] = [
    add(mul(add(st32, st64), inside(1)), mul(st16, past(1)), mul(st8, kept(1))),
    add(mul(st64, inside(2)), mul(st32, past(2)), mul(add(st8, st16), kept(2))),
    add(mul(st64, inside(3)), mul(add(st8, st16, st32), kept(3))),
    add(mul(st64, past(4)), mul(add(st8, st16, st32), kept(4))),
  ];
  after.forEach((limb, i) => {
    chip.equal(`limb ${i + 1} after`, freshSelected[i + 1]!, limb);
  });

  /** Of the cells of one row, overwritten by the next. */
  const bytes = new Uint8Array(2 * old.length);
  return {
    description: chip.build({
      assumes: ['limbs of registers, cells and window lengths are below 2^16'],
      proves: [
        'the bytes at rs1 + offset become those of rs2, no other byte changes',
        'or fault exactly if the address is 2^32 or more, the access ends past the window, or the window is read-only',
      ],
      stride: adapter.stride,
    }),
    format: 'store',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.bytes(source, sourceAt);
      rows.each((row) => {
        const size = memoryBytes[row.opcode]!;
        const at = address.fill(row, { base: baseAt, window: windowAt, size });

        // The limbs after the store from those before: also where a cell was not accessed and is zeros here.
        const skip = (at.address >>> 1) & 3;
        const firstOld = row.get(old[skip]!);
        row.set(firstLow, firstOld & 255);
        row.set(firstTop, firstOld >>> 8);
        if (size > 1) {
          const lastOld = skip + size / 2 < 8 ? row.get(old[skip + size / 2]!) : 0;
          row.set(lastLow, lastOld & 255);
          row.set(lastTop, lastOld >>> 8);
        }
        for (let i = 0; i < old.length; i++) {
          const limb = row.get(old[i]!);
          bytes[2 * i] = limb & 255;
          bytes[2 * i + 1] = limb >>> 8;
        }
        for (let i = 0; i < size; i++) bytes[(at.address & 7) + i] = row.get(source[i]!);
        for (let i = 0; i < fresh.length; i++) {
          row.set(fresh[i]!, bytes[2 * i]! + 256 * bytes[2 * i + 1]!);
        }
      });
      adapter.fillNextPc(rows);
    },
  };
}
