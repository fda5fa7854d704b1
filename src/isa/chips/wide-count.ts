/**
 * Leading zero bits of a wide word.
 *
 * The most significant limb that is not zero is the leading difference to zero; it lies between a power
 * of two and its double, and its number and the exponent give the count.
 *
 * Assumes: limbs of registers are below 2^16.
 * Proves: rd = number of leading zero bits of rs1, 256 for 0.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, sub } from '../../stark/air/expr.ts';
import { leadingDifference } from '../../stark/gadgets/leading-difference.ts';
import { powerOfTwo } from '../../stark/gadgets/power-of-two.ts';
import { rangeOfWidth } from '../../stark/tables/range.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { limbReader, WIDE_LIMBS } from './wide-operands.ts';

export const wideCount: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('wide-count');
  const real = chip.bit('real', 'an instruction');
  const isNonzero = chip.bit('isNonzero', 'rs1 is not 0');
  const source = chip.columns('source', WIDE_LIMBS, 'the word');
  const zeros = Array<number>(WIDE_LIMBS).fill(0);
  const leading = leadingDifference(chip, {
    left: source,
    right: zeros,
    marked: isNonzero,
    elseEqual: real,
    isPositioned: true,
  });
  const limb = chip.column('leadingLimb', 'the most significant limb that is not 0');
  chip.equal('the marked limb', limb, leading.difference);
  const power = powerOfTwo(chip, 'power', real);
  // leadingLimb + isZero - 2^exponent in [0, 2^exponent): of zero the exponent is 0
  const rest = sub(add(limb, sub(real, isNonzero)), power.power);
  rangeOfWidth(chip, 'the highest bit of the limb', power.exponent, rest, real);
  // count = 256 - isNonzero - 16 position - exponent
  const count = sub(sub(mul(256, real), isNonzero), add(mul(16, leading.position), power.exponent));
  const adapter = instructionAdapter(chip, 'wideUnary', {
    real,
    opcode: mul(instructions.wclz.opcode, real),
    before: { rs1: source },
    after: { rd: [count, ...zeros.slice(1)] },
  });

  const read = limbReader('wideUnary', 'rs1');
  const limbs = new Uint16Array(WIDE_LIMBS);
  return {
    description: chip.build({
      assumes: ['limbs of registers are below 2^16'],
      proves: ['rd = number of leading zero bits of rs1, 256 for 0'],
      stride: adapter.stride,
    }),
    format: 'wideUnary',
    fill(rows) {
      adapter.fill(rows);
      rows.set(real, 1);
      rows.each((row) => {
        read(row, limbs);
        source.forEach((column, i) => {
          row.set(column, limbs[i]!);
        });
        const k = leading.fill(row, limbs, zeros);
        const value = k < 0 ? 0 : limbs[k]!;
        row.set(isNonzero, k < 0 ? 0 : 1);
        row.set(limb, value);
        power.fill(row, value === 0 ? 0 : 31 - Math.clz32(value));
      });
    },
  };
}
