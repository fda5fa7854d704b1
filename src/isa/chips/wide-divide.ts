/**
 * Division of wide words, unsigned and signed: quotient or remainder, 0 for a zero divisor.
 *
 * The identity |rs1| = quotient * |rs2| + remainder is that of magnitudes, remainder < |rs2|. The
 * dividend's magnitude is an expression (NOT rs1, plus 1 in limb 0, where negative), the divisor's are
 * columns of bytes. A negative result is the number that adds up with its magnitude to 0 modulo 2^256;
 * so -2^255 / -1 is 2^255 as it stands.
 *
 * Bounds: a limb of the identity is at most 2^29 on either side, with carries from -1 (where 2^16 stands
 * in limb 0 of the dividend) to 2^13 - 2.
 *
 * Assumes: limbs of registers and immediates are below 2^16.
 * Proves: rd = rs1 / rs2 towards zero, or rs1 mod rs2 with the sign of rs1; 0 for rs2 = 0.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Expr, mul, not, sub } from '../../stark/air/expr.ts';
import { carriesOf } from '../../stark/gadgets/add-limbs.ts';
import { byteLimbs } from '../../stark/gadgets/byte-limbs.ts';
import {
  addProductLimbs,
  productLimbs,
  productsBeyond,
} from '../../stark/gadgets/byte-products.ts';
import { divideLimbs } from '../../stark/gadgets/divide-limbs.ts';
import { leadingDifference } from '../../stark/gadgets/leading-difference.ts';
import { range } from '../../stark/tables/range.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';
import { limbReader, negateLimbs, WIDE_LIMBS } from './wide-operands.ts';

const ZEROS = Array<number>(WIDE_LIMBS).fill(0);

export const wideDivide: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('wide-divide');
  const select = selector(chip, ['wdiv', 'wmod', 'wsdiv', 'wsmod']);
  const { real } = select;
  const adapter = instructionAdapter(chip, 'wideAlu', select);
  const dividend = adapter.before('rs1');
  const divisor = adapter.before('rs2');
  const result = adapter.after('rd');
  const magnitude = byteLimbs(chip, 'divisor', WIDE_LIMBS, 'byte of |rs2|', real);
  const quotient = byteLimbs(
    chip,
    'quotient',
    WIDE_LIMBS,
    'byte of the quotient of magnitudes',
    real,
  );
  const remainder = chip.columns('remainder', WIDE_LIMBS, 'remainder of magnitudes');
  const carries = chip.columns('carry', WIDE_LIMBS - 1, 'carry out of the limb');

  const signed = select.any('wsdiv', 'wsmod');
  const leftSign = chip.bit('leftSign', 'rs1 is taken as negative');
  const rightSign = chip.bit('rightSign', 'rs2 is taken as negative');
  // (1 - signed) * sign = 0
  chip.zero('unsigned rs1 is not negative', mul(not(signed), leftSign));
  chip.zero('unsigned rs2 is not negative', mul(not(signed), rightSign));
  range(chip, 'sign of rs1', 15, sub(dividend[15]!, mul(2 ** 15, leftSign)), signed);
  range(chip, 'sign of rs2', 15, sub(divisor[15]!, mul(2 ** 15, rightSign)), signed);

  // The rules below make bits of these: minus = gives * sign, and gives = 1 unless byZero differs from 0,
  // which makes divisor and result zero whatever the others are.
  const outcome = {
    quotient: chip.column('isQuotient', 'rd is the quotient of magnitudes'),
    minusQuotient: chip.column('isMinusQuotient', 'rd is that with the sign changed'),
    remainder: chip.column('isRemainder', 'rd is the remainder of magnitudes'),
    minusRemainder: chip.column('isMinusRemainder', 'rd is that with the sign changed'),
  };
  const givesQuotient = add(outcome.quotient, outcome.minusQuotient);
  const givesRemainder = add(outcome.remainder, outcome.minusRemainder);
  const byZero = sub(real, add(givesQuotient, givesRemainder));
  chip.zero('a quotient where asked', mul(givesQuotient, select.any('wmod', 'wsmod')));
  chip.zero('a remainder where asked', mul(givesRemainder, select.any('wdiv', 'wsdiv')));
  // byZero * (sum of the bytes of |rs2|) = 0; that byZero is 1 for a zero divisor follows from the order.
  chip.zero('division by zero only by zero', mul(byZero, add(...magnitude.bytes)));
  // isMinusQuotient = givesQuotient * (leftSign XOR rightSign)
  const signsDiffer = sub(add(leftSign, rightSign), mul(2, leftSign, rightSign));
  chip.equal('sign of a quotient', outcome.minusQuotient, mul(givesQuotient, signsDiffer));
  // isMinusRemainder = givesRemainder * leftSign
  chip.equal('sign of a remainder', outcome.minusRemainder, mul(givesRemainder, leftSign));

  const divisorCarries = carriesOf(divisor, magnitude.limbs, ZEROS);
  const quotientCarries = carriesOf(result, quotient.limbs, ZEROS);
  const remainderCarries = carriesOf(result, remainder, ZEROS);
  const isCarry = (name: string, flag: Expr, carry: Expr): void => {
    // flag * carry * (carry - 1) = 0
    chip.zero(name, mul(flag, carry, sub(carry, 1)));
  };
  productLimbs(quotient.bytes, magnitude.bytes, WIDE_LIMBS).forEach((products, k) => {
    // products_k + remainder_k + carry_(k-1) = |rs1|_k + 2^16 carry_k
    const complement = mul(leftSign, sub(0xffff, mul(2, dividend[k]!)));
    const limb = add(dividend[k]!, complement, k === 0 ? leftSign : 0);
    const carry = carries[k];
    chip.equal(
      `limb ${k} of the identity`,
      add(products, remainder[k]!, carries[k - 1] ?? 0),
      add(limb, carry ? mul(2 ** 16, carry) : 0),
    );
    // carry_k >= -leftSign
    if (carry) range(chip, `carry ${k} has 13 bits`, 13, add(carry, leftSign), real);

    const copied = sub(divisor[k]!, magnitude.limbs[k]!);
    chip.zero(`limb ${k} of a positive divisor`, mul(not(rightSign), copied));
    isCarry(`carry ${k} of a negative divisor`, rightSign, divisorCarries[k]!);
    chip.zero(
      `limb ${k} of a quotient`,
      mul(outcome.quotient, sub(result[k]!, quotient.limbs[k]!)),
    );
    isCarry(`carry ${k} of a negative quotient`, outcome.minusQuotient, quotientCarries[k]!);
    chip.zero(`limb ${k} of a remainder`, mul(outcome.remainder, sub(result[k]!, remainder[k]!)));
    isCarry(`carry ${k} of a negative remainder`, outcome.minusRemainder, remainderCarries[k]!);
    chip.zero(`limb ${k} of a division by zero`, mul(byZero, result[k]!));
    range(chip, `result limb ${k}`, 16, result[k]!, real);
    range(chip, `remainder limb ${k}`, 16, remainder[k]!, real);
  });
  chip.zero(
    'the product has 256 bits',
    productsBeyond(quotient.bytes, magnitude.bytes, WIDE_LIMBS),
  );

  const ordered = add(givesQuotient, givesRemainder);
  const leading = leadingDifference(chip, {
    left: magnitude.limbs,
    right: remainder,
    marked: ordered,
  });
  const gap = chip.column('gap', 'by how much the remainder is less in the leading limb, less 1');
  chip.equal('gap of the leading limbs', gap, sub(leading.difference, ordered));
  range(chip, 'gap has 16 bits', 16, gap, real);

  const readDividend = limbReader('wideAlu', 'rs1');
  const readDivisor = limbReader('wideAlu', 'rs2');
  const [a, b, q, r] = Array.from({ length: 4 }, () => new Uint16Array(WIDE_LIMBS)) as [
    Uint16Array,
    Uint16Array,
    Uint16Array,
    Uint16Array,
  ];
  const sums = new Float64Array(WIDE_LIMBS);
  return {
    description: chip.build({
      assumes: ['limbs of registers and immediates are below 2^16'],
      proves: ['rd = rs1 / rs2 or rs1 mod rs2, unsigned or signed; 0 for rs2 = 0'],
      stride: adapter.stride,
    }),
    format: 'wideAlu',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.each((row) => {
        const isSigned = row.get(select.flag.wsdiv) + row.get(select.flag.wsmod) === 1;
        const asksQuotient = row.get(select.flag.wdiv) + row.get(select.flag.wsdiv) === 1;
        const isNegative = isSigned && readDividend(row, a)[15]! >= 2 ** 15;
        const isDivisorNegative = isSigned && readDivisor(row, b)[15]! >= 2 ** 15;
        readDividend(row, a);
        readDivisor(row, b);
        // Limb 0 of the dividend as the identity has it: NOT rs1, plus 1, may be 2^16.
        const first = isNegative ? 2 ** 16 - a[0]! : a[0]!;
        if (isNegative) negateLimbs(a);
        if (isDivisorNegative) negateLimbs(b);
        divideLimbs(q, r, a, b);
        row.set(leftSign, isNegative ? 1 : 0);
        row.set(rightSign, isDivisorNegative ? 1 : 0);
        magnitude.fill(row, b);
        quotient.fill(row, q);
        remainder.forEach((column, k) => {
          row.set(column, r[k]!);
        });
        if (b.some((limb) => limb !== 0)) {
          const changes = asksQuotient ? isNegative !== isDivisorNegative : isNegative;
          if (asksQuotient) row.set(changes ? outcome.minusQuotient : outcome.quotient, 1);
          else row.set(changes ? outcome.minusRemainder : outcome.remainder, 1);
          const k = leading.fill(row, b, r);
          row.set(gap, b[k]! - r[k]! - 1);
        }
        sums.fill(0);
        addProductLimbs(sums, q, b, 1);
        readDividend(row, a);
        let carry = 0;
        carries.forEach((column, k) => {
          const limb = k === 0 ? first : isNegative ? 0xffff - a[k]! : a[k]!;
          carry = (sums[k]! + r[k]! + carry - limb) / 2 ** 16;
          row.setSigned(column, carry);
        });
      });
    },
  };
}
