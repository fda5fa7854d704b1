/**
 * Shifts and rotations of words, 64 and 32 bits wide.
 *
 * The amount is 16 steps + exponent. Selectors move whole limbs by the steps; each moved limb is cut in
 * `outer`, the exponent's number of bits that go over to the neighbour, and `inner`, the others, which
 * the range table checks by widths from columns:
 *   left:  limb = 2^(16 - exponent) outer + inner, result = 2^exponent inner + outer of the limb below
 *   right: limb = 2^exponent inner + outer, result = inner + 2^(16 - exponent) outer of the limb above
 * So all numbers stay below 2^17 and the results need no check. A rotation to the right is one to the
 * left by the amount that is lacking to 64. 102 cells a row, five above the budget, for both widths.
 *
 * Assumes: limbs of registers and immediates are below 2^16.
 * Proves: rd = rs1 shifted or rotated by rs2 modulo the width; the upper half is clear for 32 bits.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Expr, type ExprLike, mul, sub } from '../../stark/air/expr.ts';
import { powerOfTwo } from '../../stark/gadgets/power-of-two.ts';
import { range, rangeOfWidth } from '../../stark/tables/range.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';

const LIMB = 2 ** 16;
const FIRST = instructions.sll.opcode;
/** Opcodes of one width: left, right, right with the sign, rotated left, rotated right. */
const WIDTH_STEP = instructions.sll32.opcode - FIRST;

export const shift: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('shift');
  const left = chip.bit('isLeft', 'a shift to the left');
  const right = chip.bit('isRight', 'a shift to the right');
  const rotation = chip.bit('isRotation', 'a rotation');
  const left32 = chip.bit('isLeft32', 'a shift to the left of 32 bits');
  const right32 = chip.bit('isRight32', 'a shift to the right of 32 bits');
  const rotation32 = chip.bit('isRotation32', 'a rotation of 32 bits');
  const variant = chip.bit('isVariant', 'a right shift takes the sign, a rotation goes right');
  const anyLeft = add(left, left32);
  const anyRight = add(right, right32);
  const anyRotation = add(rotation, rotation32);
  const leftwards = add(anyLeft, anyRotation);
  const wideLeftwards = add(left, rotation);
  const real = add(leftwards, anyRight);
  chip.isBit('at most one kind', real);
  chip.zero('no variant of left shifts', mul(variant, anyLeft));

  const adapter = instructionAdapter(chip, 'alu', {
    real,
    opcode: add(
      mul(FIRST, real),
      anyRight,
      mul(3, anyRotation),
      variant,
      mul(WIDTH_STEP, add(left32, right32, rotation32)),
    ),
  });
  const source = adapter.columnsBefore('rs1');
  const amount = adapter.before('rs2')[0]!;
  const result = adapter.columnsAfter('rd');

  const power = powerOfTwo(chip, 'power', real);
  const steps = [1, 2, 3].map((q) => chip.bit(`step${q}`, `limbs move by ${q}`));
  const atStep: readonly Expr[] = [sub(real, add(...steps)), ...steps];
  chip.isBit('at most one step', add(...steps));
  const copower = chip.column('copower', '2^(16 - exponent)');
  // power * copower = 2^16, 0 in padding
  chip.equal('power and copower', mul(power.power, copower), mul(LIMB, real));

  // amount = 64 quotient + 16 steps + exponent; with the negative of these for rotations to the right
  const moved = add(...steps.map((step, i) => mul(16 * (i + 1), step)), power.exponent);
  const quotient = chip.column('quotient', 'amount / 64, rounded up for rotations to the right');
  const isBackwards = mul(anyRotation, variant);
  const away = sub(moved, mul(2, isBackwards, moved));
  chip.equal('amount', amount, add(mul(64, quotient), away));
  range(chip, 'quotient', 11, quotient, real);

  const sign = chip.bit('sign', 'the bit that comes in from above');
  const belowSign = chip.column('belowSign', 'the limb of the sign without it');
  const signLimb = mul(variant, add(mul(right, source[3]!), mul(right32, source[1]!)));
  chip.equal('sign', add(belowSign, mul(2 ** 15, sign)), signLimb);
  range(chip, 'below the sign', 15, belowSign, real);

  const outer = chip.columns('outer', 4, 'bits of the moved limb that go to its neighbour');
  const inner = chip.columns('inner', 4, 'bits of the moved limb that stay');
  const fill = mul(0xffff, sign);
  for (let j = 0; j < 4; j++) {
    // Where the limbs that arrive at place j come from.
    const arriving: Expr[] = [];
    for (let q = 0; q < 4; q++) {
      const take = (flag: ExprLike, limb: ExprLike): void => {
        arriving.push(mul(flag, atStep[q]!, limb));
      };
      if (q <= j) take(left, source[j - q]!);
      take(rotation, source[(j - q + 4) % 4]!);
      take(right, j + q < 4 ? source[j + q]! : fill);
      if (j > 1) continue;
      const odd = q % 2;
      if (odd <= j) take(left32, source[j - odd]!);
      take(rotation32, source[(j + odd) % 2]!);
      take(right32, j + odd < 2 ? source[j + odd]! : fill);
    }
    const cutLeft = add(mul(copower, outer[j]!), inner[j]!);
    const cutRight = add(mul(power.power, inner[j]!), outer[j]!);
    const cut = add(mul(leftwards, cutLeft), mul(anyRight, cutRight));
    chip.equal(`moved limb ${j}`, add(...arriving), cut);
    rangeOfWidth(chip, `outer bits ${j}`, power.exponent, outer[j]!, real);
    rangeOfWidth(chip, `inner bits ${j}`, sub(16, power.exponent), inner[j]!, real);
  }

  // From above comes 2^(16 - exponent) (2^exponent - 1) = 2^16 - copower under a sign.
  const fromSign = mul(sign, sub(LIMB, copower));
  const scaled = (j: number): Expr => mul(power.power, inner[j]!);
  const fromAbove = (j: number): Expr => mul(copower, outer[j]!);
  const around = add(mul(rotation, outer[3]!), mul(rotation32, outer[1]!));
  chip.equal(
    'result limb 0',
    result[0]!,
    add(mul(leftwards, scaled(0)), around, mul(anyRight, add(inner[0]!, fromAbove(1)))),
  );
  chip.equal(
    'result limb 1',
    result[1]!,
    add(
      mul(leftwards, add(scaled(1), outer[0]!)),
      mul(anyRight, inner[1]!),
      mul(right, fromAbove(2)),
      mul(right32, fromSign),
    ),
  );
  const upper = [
    [2, fromAbove(3)],
    [3, fromSign],
  ] as const;
  for (const [j, above] of upper) {
    const shiftedLeft = mul(wideLeftwards, add(scaled(j), outer[j - 1]!));
    chip.equal(`result limb ${j}`, result[j]!, add(shiftedLeft, mul(right, add(inner[j]!, above))));
  }

  const kinds = [
    left,
    right,
    right,
    rotation,
    rotation,
    left32,
    right32,
    right32,
    rotation32,
    rotation32,
  ];
  /** Limbs of rs1 of one row. */
  const values = new Uint16Array(4);
  return {
    description: chip.build({
      assumes: ['limbs of registers and immediates are below 2^16'],
      proves: ['rd = rs1 shifted or rotated by rs2 modulo the width'],
      stride: adapter.stride,
    }),
    format: 'alu',
    fill(rows) {
      adapter.fill(rows);
      const amount = adapter.columnsBefore('rs2')[0]!;
      rows.each((row) => {
        const opcode = row.opcode - FIRST;
        const kind = opcode % WIDTH_STEP;
        const limbs = opcode < WIDTH_STEP ? 4 : 2;
        const isRight = kind === 1 || kind === 2;
        row.set(kinds[opcode]!, 1);
        row.set(variant, kind === 2 || kind === 4 ? 1 : 0);
        const by = row.get(amount);
        const shifted = (kind === 4 ? -by : by) & 63;
        const [step, exponent] = [shifted >> 4, shifted & 15];
        if (step > 0) row.set(steps[step - 1]!, 1);
        power.fill(row, exponent);
        row.set(copower, 1 << (16 - exponent));
        row.set(quotient, (by + (kind === 4 ? shifted : -shifted)) / 64);
        for (let i = 0; i < 4; i++) values[i] = row.get(source[i]!);
        const isNegative = kind === 2 && values[limbs - 1]! >= 0x8000;
        row.set(sign, isNegative ? 1 : 0);
        row.set(belowSign, kind === 2 ? values[limbs - 1]! & 0x7fff : 0);
        const by16 = step % limbs;
        for (let j = 0; j < limbs; j++) {
          const from = isRight ? j + by16 : j - by16;
          const isOutside = from < 0 || from >= limbs;
          const lost = isRight && isNegative ? 0xffff : 0;
          const wrapped = kind > 2 ? values[(from + limbs) % limbs]! : lost;
          const limb = isOutside ? wrapped : values[from]!;
          const cutAt = isRight ? exponent : 16 - exponent;
          const [below, above] = [limb & ((1 << cutAt) - 1), limb >>> cutAt];
          row.set(outer[j]!, isRight ? below : above);
          row.set(inner[j]!, isRight ? above : below);
        }
      });
    },
  };
}
