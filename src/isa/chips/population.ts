/**
 * The number of one bits in a word.
 *
 * All 64 bits are columns, and the limbs of rs1 are sums of them: no lookup is needed. A rare
 * instruction, hence a chip of its own: clz and ctz do with a few bits and half of the cells.
 *
 * Assumes: limbs of registers are below 2^16.
 * Proves: rd is the number of one bits of rs1, or of its lower half.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder, compose } from '../../stark/air/chip.ts';
import { add, mul, not } from '../../stark/air/expr.ts';
import { instructions } from '../instructions.ts';
import { eventLayout } from '../trace.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';

const sourceAt = eventLayout('unary').offsetOf('rs1').before;

export const population: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('population');
  const real = chip.bit('real', 'the row executes an instruction');
  const isNarrow = chip.bit('isNarrow', 'of the lower 32 bits');
  const bits = Array.from({ length: 64 }, (_, i) => chip.bit(`bit${i}`, `bit ${i} of rs1`));
  const ones = chip.column('ones', 'number of one bits');
  const adapter = instructionAdapter(chip, 'unary', {
    real,
    opcode: add(
      mul(instructions.popcnt.opcode, real),
      mul(instructions.popcnt32.opcode - instructions.popcnt.opcode, isNarrow),
    ),
    before: { rs1: [0, 16, 32, 48].map((at) => compose(bits.slice(at, at + 16), 1)) },
    after: { rd: [ones, 0, 0, 0] },
  });
  // ones = lower half + (1 - isNarrow) * upper half
  const upper = mul(not(isNarrow), add(...bits.slice(32)));
  chip.equal('number of one bits', ones, add(...bits.slice(0, 32), upper));

  return {
    description: chip.build({
      assumes: ['limbs of registers are below 2^16'],
      proves: ['rd is the number of one bits of rs1 or its lower half'],
      stride: adapter.stride,
    }),
    format: 'unary',
    fill(rows) {
      adapter.fill(rows);
      rows.set(real, 1);
      rows.each((row) => {
        const narrow = row.opcode === instructions.popcnt32.opcode;
        row.set(isNarrow, narrow ? 1 : 0);
        let sum = 0;
        bits.forEach((column, i) => {
          const bit = (row.event(sourceAt + (i >> 5)) >>> (i & 31)) & 1;
          row.set(column, bit);
          if (i < 32 || !narrow) sum += bit;
        });
        row.set(ones, sum);
      });
    },
  };
}
