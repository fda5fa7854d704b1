/**
 * Multiplication of wide words.
 *
 * The factors are columns of bytes, their products gathered at the weights of the 16-bit limbs of the
 * result. Limb by limb: products + carry in = result + 2^16 carry out. The carry out of the last limb is
 * dropped.
 *
 * Bounds: the products of a limb are below 2^29 - 2^21, a carry has 13 bits, so both sides stay below
 * 2^30.
 *
 * Assumes: nothing of what is read but that it is in the registers.
 * Proves: rd = rs1 * rs2 modulo 2^256.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul } from '../../stark/air/expr.ts';
import { byteLimbs } from '../../stark/gadgets/byte-limbs.ts';
import { fillProductCarries, productLimbs } from '../../stark/gadgets/byte-products.ts';
import { range } from '../../stark/tables/range.ts';
import { eventLayout } from '../trace.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';
import { WIDE_LIMBS } from './wide-operands.ts';
import { FIRST_IMMEDIATE } from './word-operands.ts';

export const wideMultiply: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('wide-multiply');
  const select = selector(chip, ['wmul']);
  const left = byteLimbs(chip, 'left', WIDE_LIMBS, 'byte of rs1', select.real);
  const right = byteLimbs(chip, 'right', WIDE_LIMBS, 'byte of rs2', select.real);
  const adapter = instructionAdapter(chip, 'wideAlu', {
    ...select,
    before: { rs1: left.limbs, rs2: right.limbs },
  });
  const result = adapter.after('rd');
  const carries = chip.columns('carry', WIDE_LIMBS, 'carry out of the limb');
  productLimbs(left.bytes, right.bytes, WIDE_LIMBS).forEach((products, k) => {
    // products_k + carry_(k-1) = result_k + 2^16 carry_k
    const carryIn = carries[k - 1] ?? 0;
    chip.equal(
      `limb ${k} of the product`,
      add(products, carryIn),
      add(result[k]!, mul(2 ** 16, carries[k]!)),
    );
    range(chip, `result limb ${k}`, 16, result[k]!, select.real);
    range(chip, `carry ${k} has 13 bits`, 13, carries[k]!, select.real);
  });

  const { offsetOf } = eventLayout('wideAlu');
  return {
    description: chip.build({
      assumes: ['rs1 and rs2 are bytes in pairs, as limbs below 2^16 are'],
      proves: ['rd = rs1 * rs2 modulo 2^256'],
      stride: adapter.stride,
    }),
    format: 'wideAlu',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.bytes(left.bytes, offsetOf('rs1').before);
      rows.bytes(right.bytes, offsetOf('rs2').before);
      for (let i = 0; i < 2; i++) {
        rows.immediateBytes(right.bytes[2 * i]!, right.bytes[2 * i + 1]!, FIRST_IMMEDIATE + i);
      }
      fillProductCarries(rows, left.bytes, right.bytes, carries);
    },
  };
}
