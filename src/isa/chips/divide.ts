/**
 * Division of words: quotient or remainder, unsigned and signed, 64 and 32 bits wide.
 *
 * The identity |rs1| = quotient * |rs2| + remainder is that of magnitudes, remainder < |rs2|. A magnitude is
 * NOT of the word plus 1 in its lowest limb (byte) where it is negative; that limb may so be 2^16, the
 * byte 2^8, and nothing is carried: the identity does not mind, nor does the order of limbs. A negative
 * result is the number that adds up with its magnitude to 0 modulo 2^64; of it, 32-bit instructions keep
 * the lower half. So the smallest word by -1 is itself as it stands. By zero the remainder is |rs1| without
 * an order, and the quotient has a rule of its own. The opcode is divu + isRemainder + 2 isSigned +
 * 4 isNarrow.
 *
 * Bounds: a limb of the identity is at most 8 * 255 * 2^8 * (1 + 2^8) + 2^17 < 2^28 on either side, with
 * carries from -1 (where 2^16 stands in limb 0 of |rs1|) to 2^11 + 2^4.
 *
 * Assumes: limbs of registers and immediates are below 2^16.
 * Proves: rd = rs1 / rs2 towards zero, or rs1 mod rs2 with the sign of rs1; for rs2 = 0 all ones, or rs1.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Column, type Expr, type ExprLike, mul, not, sub } from '../../stark/air/expr.ts';
import { carriesOf } from '../../stark/gadgets/add-limbs.ts';
import { byteLimbs } from '../../stark/gadgets/byte-limbs.ts';
import { productLimbs, productsBeyond } from '../../stark/gadgets/byte-products.ts';
import { divideLimbs } from '../../stark/gadgets/divide-limbs.ts';
import { range } from '../../stark/tables/range.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { negateLimbs } from './wide-operands.ts';
import { wordReader } from './word-operands.ts';

const LIMBS = 4;
const NARROW_LIMBS = 2;
const ZEROS = [0, 0, 0, 0];

export const divide: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('divide');
  const real = chip.bit('real', 'the row executes an instruction');
  const isRemainder = chip.bit('isRemainder', 'asks for the remainder');
  const isSigned = chip.bit('isSigned', 'of signed words');
  const isNarrow = chip.bit('isNarrow', 'of the lower 32 bits');
  const isWide = sub(real, isNarrow);
  const rightLow = byteLimbs(chip, 'right', NARROW_LIMBS, 'byte of rs2', real);
  const rightHigh = chip.columns('rightHigh', 2, 'upper limb of rs2');
  const adapter = instructionAdapter(chip, 'alu', {
    real,
    opcode: add(
      mul(instructions.divu.opcode, real),
      isRemainder,
      mul(2, isSigned),
      mul(4, isNarrow),
    ),
    before: { rs2: [...rightLow.limbs, ...rightHigh] },
  });
  const left = adapter.before('rs1');
  const right = adapter.before('rs2');
  const written = adapter.columnsAfter('rd');
  const resultHigh = chip.columns('resultHigh', 2, 'limb of the result to 64 bits');
  const result = [...written.slice(0, NARROW_LIMBS), ...resultHigh];
  const divisorHigh = byteLimbs(chip, 'divisorHigh', 2, 'byte of the upper half of |rs2|', real);
  const quotient = byteLimbs(chip, 'quotient', LIMBS, 'byte of the quotient of magnitudes', real);
  const remainder = chip.columns('remainder', LIMBS, 'remainder of magnitudes');
  const carries = chip.columns('carry', LIMBS - 1, 'carry out of the limb');

  const signOf = (name: string, limbs: readonly Expr[]): { sign: Column; top: Column } => {
    const sign = chip.bit(`${name}Sign`, `${name} is taken as negative`);
    const top = chip.column(`${name}Top`, `top limb of ${name}`);
    // top = limb 3, or limb 1 of 32 bits
    const chosen = add(limbs[3]!, mul(isNarrow, sub(limbs[1]!, limbs[3]!)));
    chip.equal(`top of ${name}`, top, chosen);
    chip.zero(`unsigned ${name} is not negative`, mul(not(isSigned), sign));
    range(chip, `sign of ${name}`, 15, sub(top, mul(2 ** 15, sign)), isSigned);
    return { sign, top };
  };
  const { sign: leftSign, top: leftTop } = signOf('left', left);
  const { sign: rightSign, top: rightTop } = signOf('right', right);

  /** Where `sign` is 1, NOT of `value` of which `ones` are all bits. */
  const flipped = (value: ExprLike, sign: Column, ones: number): Expr =>
    add(value, mul(sign, sub(ones, mul(2, value))));
  const dividend = left.map((limb, k) => {
    const magnitude = add(flipped(limb, leftSign, 0xffff), k === 0 ? leftSign : 0);
    return k < NARROW_LIMBS ? magnitude : mul(isWide, magnitude);
  });
  const divisorBytes = [
    ...rightLow.bytes.map((byte, i) => add(flipped(byte, rightSign, 255), i === 0 ? rightSign : 0)),
    ...divisorHigh.bytes,
  ];
  const divisor = [0, 1, 2, 3].map((k) =>
    add(divisorBytes[2 * k]!, mul(2 ** 8, divisorBytes[2 * k + 1]!)),
  );
  rightHigh.forEach((limb, i) => {
    // isWide * (limb, or NOT of it)
    const magnitude = mul(isWide, flipped(limb, rightSign, 0xffff));
    chip.equal(`limb ${i} of the upper half of |rs2|`, divisorHigh.limbs[i]!, magnitude);
  });

  productLimbs(quotient.bytes, divisorBytes, LIMBS).forEach((products, k) => {
    const carry = carries[k];
    // products_k + remainder_k + carry_(k-1) = |rs1|_k + 2^16 carry_k
    chip.equal(
      `limb ${k} of the identity`,
      add(products, remainder[k]!, carries[k - 1] ?? 0),
      add(dividend[k]!, carry ? mul(2 ** 16, carry) : 0),
    );
    range(chip, `remainder limb ${k}`, 16, remainder[k]!, real);
    // carry_k >= -leftSign
    if (carry) range(chip, `carry ${k} has 12 bits`, 12, add(carry, leftSign), real);
  });
  chip.zero('the product has 64 bits', productsBeyond(quotient.bytes, divisorBytes, LIMBS));

  const byZero = chip.bit('byZero', 'rs2 is zero');
  chip.zero('division by zero only by zero', mul(byZero, add(...divisorBytes)));
  const ordered = sub(real, byZero);
  const marks = [0, 1, 2].map((k) =>
    chip.bit(`marked${k}`, `limb ${k} is the most significant in which |rs2| and remainder differ`),
  );
  // Of several marks the lowest counts, for the limbs above are equal: so the last needs no rule.
  const allMarks = [...marks, sub(ordered, add(...marks))];
  for (let k = 1; k < LIMBS; k++) {
    // (mark_0 + ... + mark_(k-1)) * (|rs2|_k - remainder_k) = 0
    chip.zero(
      `limb ${k} is equal above the mark`,
      mul(add(...allMarks.slice(0, k)), sub(divisor[k]!, remainder[k]!)),
    );
  }
  const gap = chip.column('gap', 'by how much the remainder is less in the marked limb, less 1');
  const leading = add(...allMarks.map((mark, k) => mul(mark, sub(divisor[k]!, remainder[k]!))));
  chip.equal('gap of the marked limb', gap, sub(leading, ordered));
  range(chip, 'gap has 16 bits', 16, gap, real);

  // What the result is: five bits of which one is 1 in real rows.
  const isQuotient = chip.column('isQuotient', 'the result is the quotient of magnitudes');
  const isMinusQuotient = chip.column('isMinusQuotient', 'the result is that with a minus');
  const isMinusRemainder = chip.column('isMinusRemainder', 'the result is minus the remainder');
  const isPlusRemainder = sub(isRemainder, isMinusRemainder);
  const givesQuotient = add(isQuotient, isMinusQuotient);
  const isAllOnes = sub(real, add(isRemainder, givesQuotient));
  // givesQuotient = (real - isRemainder) * (1 - byZero)
  chip.equal('a quotient where asked', givesQuotient, mul(sub(real, isRemainder), not(byZero)));
  // isMinusQuotient = givesQuotient * (leftSign XOR rightSign)
  const signsDiffer = sub(add(leftSign, rightSign), mul(2, leftSign, rightSign));
  chip.equal('sign of a quotient', isMinusQuotient, mul(givesQuotient, signsDiffer));
  chip.equal('sign of a remainder', isMinusRemainder, mul(isRemainder, leftSign));
  const quotientCarries = carriesOf(result, quotient.limbs, ZEROS);
  const remainderCarries = carriesOf(result, remainder, ZEROS);
  result.forEach((limb, k) => {
    chip.zero(
      `limb ${k} of the result`,
      add(
        mul(isQuotient, sub(limb, quotient.limbs[k]!)),
        mul(isPlusRemainder, sub(limb, remainder[k]!)),
        mul(isAllOnes, sub(limb, 0xffff)),
      ),
    );
    // minus * carry * (carry - 1) = 0, of the one or the other sum
    const [carry, other] = [quotientCarries[k]!, remainderCarries[k]!];
    chip.zero(
      `carry ${k} of a negative result`,
      add(mul(isMinusQuotient, carry, sub(carry, 1)), mul(isMinusRemainder, other, sub(other, 1))),
    );
    range(chip, `result limb ${k}`, 16, limb, real);
  });
  resultHigh.forEach((limb, i) => {
    const k = NARROW_LIMBS + i;
    chip.equal(`upper limb ${k} is clear of 32 bits`, written[k]!, mul(isWide, limb));
  });

  const readLeft = wordReader('alu', 'rs1');
  const readRight = wordReader('alu', 'rs2');
  const [x, y, a, b, q, r] = Array.from({ length: 6 }, () => new Uint16Array(LIMBS)) as [
    Uint16Array,
    Uint16Array,
    Uint16Array,
    Uint16Array,
    Uint16Array,
    Uint16Array,
  ];
  const bytes = new Uint16Array(2 * LIMBS);
  return {
    description: chip.build({
      assumes: ['limbs of registers and immediates are below 2^16'],
      proves: ['rd = rs1 / rs2 or rs1 mod rs2, unsigned or signed; all ones or rs1 for rs2 = 0'],
      stride: adapter.stride,
    }),
    format: 'alu',
    fill(rows) {
      adapter.fill(rows);
      rows.set(real, 1);
      rows.each((row) => {
        const kind = row.opcode - instructions.divu.opcode;
        const [asksRemainder, signed, narrow] = [(kind & 1) > 0, (kind & 2) > 0, (kind & 4) > 0];
        row.set(isRemainder, kind & 1);
        row.set(isSigned, (kind >> 1) & 1);
        row.set(isNarrow, kind >> 2);
        const count = narrow ? NARROW_LIMBS : LIMBS;
        readLeft(row, x);
        readRight(row, y);
        rightLow.fill(row, y);
        rightHigh.forEach((column, i) => {
          row.set(column, y[NARROW_LIMBS + i]!);
        });
        row.set(leftTop, x[count - 1]!);
        row.set(rightTop, y[count - 1]!);
        const minusLeft = signed && x[count - 1]! >= 2 ** 15;
        const minusRight = signed && y[count - 1]! >= 2 ** 15;
        row.set(leftSign, minusLeft ? 1 : 0);
        row.set(rightSign, minusRight ? 1 : 0);
        setMagnitude(a, x, count, minusLeft);
        setMagnitude(b, y, count, minusRight);
        divideLimbs(q, r, a, b);
        quotient.fill(row, q);
        remainder.forEach((column, k) => {
          row.set(column, r[k]!);
        });

        for (let i = 0; i < 2 * LIMBS; i++) {
          const byte = i < 2 * count ? (y[i >> 1]! >>> (8 * (i & 1))) & 255 : 0;
          bytes[i] = minusRight && i < 2 * count ? 255 - byte + (i === 0 ? 1 : 0) : byte;
          if (i >= 2 * NARROW_LIMBS) row.set(divisorHigh.bytes[i - 2 * NARROW_LIMBS]!, bytes[i]!);
        }
        let carry = 0;
        carries.forEach((column, k) => {
          const digit = k < count ? (minusLeft ? 0xffff - x[k]! : x[k]!) : 0;
          const magnitude = digit + (k === 0 && minusLeft ? 1 : 0);
          const products =
            productOfWeight(q, bytes, 2 * k) + 256 * productOfWeight(q, bytes, 2 * k + 1);
          carry = (products + r[k]! + carry - magnitude) / 2 ** 16;
          row.setSigned(column, carry);
        });

        const isZero = b.every((limb) => limb === 0);
        row.set(byZero, isZero ? 1 : 0);
        if (!isZero) {
          const limbAt = (k: number): number => bytes[2 * k]! + 256 * bytes[2 * k + 1]!;
          let k = LIMBS - 1;
          while (limbAt(k) === r[k]!) k--;
          if (k < LIMBS - 1) row.set(marks[k]!, 1);
          row.set(gap, limbAt(k) - r[k]! - 1);
        }
        const isMinus = asksRemainder ? minusLeft : minusLeft !== minusRight;
        if (asksRemainder) row.set(isMinusRemainder, isMinus ? 1 : 0);
        else if (!isZero) row.set(isMinus ? isMinusQuotient : isQuotient, 1);
        // The result to 64 bits, of which 32-bit instructions write the lower half.
        a.set(asksRemainder ? r : q);
        if (!asksRemainder && isZero) a.fill(0xffff);
        else if (isMinus) negateLimbs(a);
        resultHigh.forEach((column, i) => {
          row.set(column, a[NARROW_LIMBS + i]!);
        });
      });
    },
  };
}

/** The magnitude of the lower `count` limbs of `word`. */
function setMagnitude(
  out: Uint16Array,
  word: Uint16Array,
  count: number,
  isNegative: boolean,
): void {
  for (let k = 0; k < LIMBS; k++) out[k] = k < count ? word[k]! : 0;
  if (isNegative) negateLimbs(out, count);
}

/** Sum over i + j = weight of byte i of `limbs` times `bytes[j]`. */
function productOfWeight(limbs: Uint16Array, bytes: Uint16Array, weight: number): number {
  let sum = 0;
  for (let i = 0; i <= weight; i++) {
    sum += ((limbs[i >> 1]! >>> (8 * (i & 1))) & 255) * bytes[weight - i]!;
  }
  return sum;
}
