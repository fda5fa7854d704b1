/**
 * Sum and product of wide words modulo a third, the intermediate unbounded; 0 for the modulus 0.
 *
 * Limb by limb over 512 bits: sum or product of rs1 and rs2 = quotient * rs3 + rd + carries, where the
 * quotient has 64 bytes and rd < rs3. All factors are columns of bytes.
 *
 * Bounds: a limb of either product is below 2^29 (`byte-products.ts`), a carry in [-2^13, 2^13), so the two
 * sides of a limb differ by less than 2^30 + 2^14.
 *
 * Assumes: nothing of what is read but that it is in the registers.
 * Proves: rd = (rs1 + rs2) mod rs3 or (rs1 * rs2) mod rs3; 0 for rs3 = 0.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Expr, mul, sub } from '../../stark/air/expr.ts';
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
import { limbReader, WIDE_LIMBS } from './wide-operands.ts';

const DOUBLE_LIMBS = 2 * WIDE_LIMBS;
/** Added to a carry to make it a number of 14 bits. */
const CARRY_OFFSET = 2 ** 13;

export const wideModular: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('wide-modular');
  const select = selector(chip, ['waddmod', 'wmulmod']);
  const { real } = select;
  const { waddmod, wmulmod } = select.flag;
  const left = byteLimbs(chip, 'left', WIDE_LIMBS, 'byte of rs1', real);
  const right = byteLimbs(chip, 'right', WIDE_LIMBS, 'byte of rs2', real);
  const modulus = byteLimbs(chip, 'modulus', WIDE_LIMBS, 'byte of rs3', real);
  const quotient = byteLimbs(chip, 'quotient', DOUBLE_LIMBS, 'byte of the quotient', real);
  const adapter = instructionAdapter(chip, 'wideTernary', {
    ...select,
    before: { rs1: left.limbs, rs2: right.limbs, rs3: modulus.limbs },
  });
  const result = adapter.after('rd');
  const carries = chip.columns('carry', DOUBLE_LIMBS - 1, 'carry out of the limb');

  // One is 1 where the modulus is not zero, by 'zero only if it is', and none where it is, by the order
  // below. Then the identity leaves nothing but the limbs of the result: zero.
  const adds = chip.bit('adds', 'waddmod with a modulus other than 0');
  const multiplies = chip.bit('multiplies', 'wmulmod with a modulus other than 0');
  chip.zero('adds in waddmod', mul(adds, sub(1, waddmod)));
  chip.zero('multiplies in wmulmod', mul(multiplies, sub(1, wmulmod)));
  const divides = add(adds, multiplies);
  // (real - divides) * (sum of the bytes of rs3) = 0
  chip.zero('zero only if it is', mul(sub(real, divides), add(...modulus.bytes)));

  const product = productLimbs(left.bytes, right.bytes, DOUBLE_LIMBS);
  const multiple = productLimbs(quotient.bytes, modulus.bytes, DOUBLE_LIMBS);
  multiple.forEach((products, k) => {
    // adds * (left + right)_k + multiplies * product_k + carry_(k-1)
    //   = (quotient * modulus)_k + result_k + 2^16 carry_k
    const sum = k < WIDE_LIMBS ? mul(adds, add(left.limbs[k]!, right.limbs[k]!)) : 0;
    const carry: Expr | undefined = carries[k];
    chip.equal(
      `limb ${k} of the identity`,
      add(sum, mul(multiplies, product[k]!), carries[k - 1] ?? 0),
      add(products, result[k] ?? 0, carry ? mul(2 ** 16, carry) : 0),
    );
    if (carry) range(chip, `carry ${k} has 14 bits`, 14, add(carry, CARRY_OFFSET), real);
  });
  chip.zero(
    'the multiple has 512 bits',
    productsBeyond(quotient.bytes, modulus.bytes, DOUBLE_LIMBS),
  );
  result.forEach((limb, k) => {
    range(chip, `result limb ${k}`, 16, limb, real);
  });

  const leading = leadingDifference(chip, { left: modulus.limbs, right: result, marked: divides });
  const gap = chip.column('gap', 'by how much the result is less in the leading limb, less 1');
  chip.equal('gap of the leading limbs', gap, sub(leading.difference, divides));
  range(chip, 'gap has 16 bits', 16, gap, real);

  const readers = (['rs1', 'rs2', 'rs3'] as const).map((name) => limbReader('wideTernary', name));
  const limbs = (count: number): Uint16Array => new Uint16Array(count);
  const [a, b, n] = [limbs(WIDE_LIMBS), limbs(WIDE_LIMBS), limbs(WIDE_LIMBS)];
  const [value, q, r] = [limbs(DOUBLE_LIMBS), limbs(DOUBLE_LIMBS), limbs(WIDE_LIMBS)];
  const sums = new Float64Array(DOUBLE_LIMBS);
  return {
    description: chip.build({
      assumes: ['rs1, rs2 and rs3 are bytes in pairs, as limbs below 2^16 are'],
      proves: ['rd = (rs1 + rs2) mod rs3 or (rs1 * rs2) mod rs3; 0 for rs3 = 0'],
      stride: adapter.stride,
    }),
    format: 'wideTernary',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.each((row) => {
        left.fill(row, readers[0]!(row, a));
        right.fill(row, readers[1]!(row, b));
        modulus.fill(row, readers[2]!(row, n));
        if (n.every((limb) => limb === 0)) return;
        const isProduct = row.get(wmulmod) === 1;
        row.set(isProduct ? multiplies : adds, 1);
        sums.fill(0);
        if (isProduct) addProductLimbs(sums, a, b, 1);
        else for (let k = 0; k < WIDE_LIMBS; k++) sums[k] = a[k]! + b[k]!;
        let carry = 0;
        for (let k = 0; k < DOUBLE_LIMBS; k++) {
          const total = sums[k]! + carry;
          value[k] = total % 2 ** 16;
          carry = Math.floor(total / 2 ** 16);
        }
        divideLimbs(q, r, value, n);
        quotient.fill(row, q);
        addProductLimbs(sums, q, n, -1);
        carry = 0;
        carries.forEach((column, k) => {
          carry = (sums[k]! + carry - (r[k] ?? 0)) / 2 ** 16;
          row.setSigned(column, carry);
        });
        const k = leading.fill(row, n, r);
        row.set(gap, n[k]! - r[k]! - 1);
      });
    },
  };
}
