/**
 * Shifts of wide words, selection of a byte, extension of a sign.
 *
 * Each limb is multiplied by 2^u and split: source 2^u = 2^16 high + low. Then low_j + high_(j-1) is
 * limb j of the word shifted left by u bits, and a one-hot step of 0 to 16 limbs does the rest, upwards or,
 * for right shifts, downwards (so that the word goes down by 16 step - u bits). An arithmetic right
 * shift of a negative word is the complement of a logical shift of its complement. A byte is the low one of a
 * right shift; a sign extension keeps the limbs below the step, fills those above it, and has the bits
 * that it keeps of the limb at the step on top of `low`.
 *
 * Bounds: 2^16 high + low < 2^31 - 1, since low + 1 is below 2^16 too where u is 8 or more.
 *
 * Assumes: limbs of registers and immediates are below 2^16.
 * Proves: rd = rs1 << rs2, rs1 >> rs2 (zeros or sign in), byte rs2 of rs1 from the top, or the low
 * 8 (rs2 + 1) bits of rs1 with their sign; for all 2^256 values of rs2.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Expr, mul, not, sub } from '../../stark/air/expr.ts';
import { isNonzero } from '../../stark/gadgets/is-nonzero.ts';
import { powerOfTwo } from '../../stark/gadgets/power-of-two.ts';
import { bytePair } from '../../stark/tables/bytes.ts';
import { range, rangeOfWidth } from '../../stark/tables/range.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';
import { limbReader, WIDE_LIMBS } from './wide-operands.ts';

export const wideShift: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('wide-shift');
  const select = selector(chip, ['wshl', 'wshr', 'wsar', 'wbyte', 'wsignextend']);
  const { real } = select;
  const { wshl, wsar, wbyte, wsignextend } = select.flag;
  const adapter = instructionAdapter(chip, 'wideAlu', select);
  const source = adapter.before('rs1');
  const amount = adapter.before('rs2');
  const result = adapter.after('rd');

  // The amount: 8 bits count for shifts, 5 for bytes; more is `isBeyond`.
  const near = chip.column('near', 'the amount modulo 256, for bytes modulo 32');
  const far = chip.column('far', 'the rest of limb 0 of the amount');
  const shifts = select.any('wshl', 'wshr', 'wsar');
  const bytes = select.any('wbyte', 'wsignextend');
  // amount_0 = near + far * (256 or 32)
  chip.equal(
    'limb 0 of the amount',
    amount[0]!,
    add(near, mul(far, add(mul(256, shifts), mul(32, bytes)))),
  );
  rangeOfWidth(chip, 'near', add(mul(8, shifts), mul(5, bytes)), near, real);
  rangeOfWidth(chip, 'far', add(mul(8, shifts), mul(11, bytes)), far, real);
  const beyond = isNonzero(chip, 'isBeyond', add(far, ...amount.slice(1)));

  const steps = Array.from({ length: WIDE_LIMBS + 1 }, (_, i) =>
    chip.bit(`step${i}`, `the word moves by ${i} limbs`),
  );
  // Where the amount is beyond there is no step, and nothing of the word is left.
  // (real - isBeyond) = sum of the steps
  chip.equal('one step, or none', add(...steps), sub(real, mul(real, beyond.flag)));
  const bits = powerOfTwo(chip, 'power', real);
  const down = sub(mul(16, add(...steps.map((step, i) => mul(i, step)))), bits.exponent);
  const up = add(mul(16, add(...steps.map((step, i) => mul(i, step)))), bits.exponent);
  const within = not(beyond.flag);
  const isAmount = (name: string, flag: Expr, difference: Expr): void => {
    // flag * (1 - isBeyond) * difference = 0
    chip.zero(name, mul(flag, within, difference));
  };
  isAmount('amount of a left shift', wshl, sub(up, near));
  isAmount('amount of a right shift', select.any('wshr', 'wsar'), sub(down, near));
  // byte `near` from the top begins at bit 8 (31 - near)
  isAmount('place of a byte', wbyte, sub(down, sub(248, mul(8, near))));
  // 8 (near + 1) bits are step limbs and 16 - u bits
  isAmount('place of a sign', wsignextend, sub(add(down, 8), mul(8, near)));

  const complemented = chip.bit('complemented', 'an arithmetic shift of a negative word');
  const negative = chip.bit('negative', 'the extended sign is negative');
  chip.zero('only arithmetic shifts complement', mul(not(wsar), complemented));
  chip.zero('only extensions are negative', mul(not(wsignextend), negative));

  const high = chip.columns('high', WIDE_LIMBS, 'bits of the limb that pass into the next');
  const low = chip.columns('low', WIDE_LIMBS, 'bits of the limb that stay, times 2^u');
  const moved: Expr[] = [];
  for (let j = 0; j < WIDE_LIMBS; j++) {
    // (source_j, or its complement) * 2^u = 2^16 high_j + low_j
    const limb = add(source[j]!, mul(complemented, sub(0xffff, mul(2, source[j]!))));
    chip.equal(
      `limb ${j} times the power`,
      mul(limb, bits.power),
      add(mul(2 ** 16, high[j]!), low[j]!),
    );
    rangeOfWidth(chip, `high bits of limb ${j}`, bits.exponent, high[j]!, real);
    // low + 1 < 2^16 where u >= 8: else 2^16 (2^15 - 1) + 2^16 - 1 would pass for 0
    range(chip, `low bits of limb ${j}`, 16, add(low[j]!, bits.bits[3]!), real);
    moved.push(add(low[j]!, high[j - 1] ?? 0));
  }
  moved.push(high[WIDE_LIMBS - 1]!);

  // The limb that holds the sign, its bits on top: limb 15 for shifts, low of the step for extensions.
  const top = chip.column('top', 'the limb whose highest bit is the sign');
  const atStep = (limbs: readonly Expr[]): Expr => add(...limbs.map((x, i) => mul(steps[i]!, x)));
  // top = is_wsar * source_15 + is_wsignextend * sum of step_j low_j
  chip.equal(
    'the limb of the sign',
    top,
    add(mul(wsar, source[15]!), mul(wsignextend, atStep(low))),
  );
  range(
    chip,
    'the sign',
    15,
    sub(top, mul(2 ** 15, add(complemented, negative))),
    select.any('wsar', 'wsignextend'),
  );
  const extended = chip.column('extended', 'the limb at the step, extended by the sign');
  // extended 2^u = top + 2^16 (2^u - 1) negative
  chip.zero(
    'the extended limb',
    mul(
      wsignextend,
      sub(mul(extended, bits.power), add(top, mul(2 ** 16, negative, sub(bits.power, 1)))),
    ),
  );

  const rest = chip.column('rest', 'byte above the selected one');
  chip.zero('only a byte leaves a rest', mul(not(wbyte), rest));
  bytePair(chip, 'the byte and the rest are bytes', result[0]!, rest, wbyte);
  const downward = select.any('wshr', 'wsar', 'wbyte');
  for (let k = 0; k < WIDE_LIMBS; k++) {
    const fromBelow = atStep(moved.slice(0, k + 1).reverse());
    const fromAbove = atStep(moved.slice(k));
    // An extension: source below the step and beyond, `extended` at it, the sign above it.
    const isKept = add(beyond.flag, ...steps.slice(k + 1));
    const kept = add(
      mul(isKept, source[k]!),
      mul(steps[k]!, extended),
      mul(0xffff, negative, add(...steps.slice(0, k))),
    );
    const shown = add(result[k]!, mul(complemented, sub(0xffff, mul(2, result[k]!))));
    const value = add(mul(wshl, fromBelow), mul(wsignextend, kept));
    if (k === 0) {
      // result_0 + 2^8 rest = …
      chip.equal('result limb 0', add(shown, mul(256, rest)), add(value, mul(downward, fromAbove)));
    } else {
      // result_k = …, of a byte 0
      const down = mul(select.any('wshr', 'wsar'), fromAbove);
      chip.equal(`result limb ${k}`, shown, add(value, down));
    }
  }

  const readSource = limbReader('wideAlu', 'rs1');
  const readAmount = limbReader('wideAlu', 'rs2');
  const a = new Uint16Array(WIDE_LIMBS);
  const b = new Uint16Array(WIDE_LIMBS);
  return {
    description: chip.build({
      assumes: ['limbs of registers and immediates are below 2^16'],
      proves: ['rd = rs1 shifted by rs2, byte rs2 of rs1, or rs1 extended from byte rs2'],
      stride: adapter.stride,
    }),
    format: 'wideAlu',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.each((row) => {
        readSource(row, a);
        readAmount(row, b);
        const is = (flag: typeof wshl): boolean => row.get(flag) === 1;
        const isOfBytes = is(wbyte) || is(wsignextend);
        const low8 = isOfBytes ? b[0]! & 31 : b[0]! & 255;
        const upper = b[0]! >>> (isOfBytes ? 5 : 8);
        row.set(near, low8);
        row.set(far, upper);
        const sum = b.reduce((total, limb) => total + limb, upper) - b[0]!;
        beyond.fill((column, value) => row.set(column, value), sum);

        // The word moves up by `shift` bits, down by -`shift`; an extension asks for 16 step - u.
        const shift = is(wshl)
          ? low8
          : is(wbyte)
            ? 8 * low8 - 248
            : is(wsignextend)
              ? 8 - 8 * low8
              : -low8;
        const u = sum === 0 ? shift & 15 : 0;
        const step = Math.abs(shift - u) / 16;
        if (sum === 0) row.set(steps[step]!, 1);
        bits.fill(row, u);

        const isComplemented = is(wsar) && a[15]! >= 2 ** 15;
        if (isComplemented) row.set(complemented, 1);
        for (let j = 0; j < WIDE_LIMBS; j++) {
          const product = (isComplemented ? 0xffff - a[j]! : a[j]!) * (1 << u);
          row.set(high[j]!, Math.floor(product / 2 ** 16));
          row.set(low[j]!, product % 2 ** 16);
        }
        if (is(wsar)) row.set(top, a[15]!);
        if (is(wsignextend)) {
          const limb = sum === 0 ? row.get(low[step]!) : 0;
          const isNegative = limb >= 2 ** 15;
          row.set(top, limb);
          row.set(negative, isNegative ? 1 : 0);
          row.set(extended, limb / (1 << u) + (isNegative ? 2 ** 16 - (1 << (16 - u)) : 0));
        }
        if (is(wbyte) && sum === 0) {
          const movedLimb = row.get(low[step] ?? high[15]!);
          const value =
            step < WIDE_LIMBS ? movedLimb + (step > 0 ? row.get(high[step - 1]!) : 0) : movedLimb;
          row.set(rest, value >>> 8);
        }
      });
    },
  };
}
