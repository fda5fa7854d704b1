/**
 * The upper half of the product of two words, signed or not.
 *
 * The whole product is formed as in `multiply.ts`; a negative factor counts 2^64 too much, so the other
 * factor is taken off the upper half for it. No compiled WebAssembly or EVM code has these
 * instructions; they are kept out of the chip of low halves, which would grow by a quarter.
 *
 * Proves: rd = the upper half of rs1 * rs2, both signed or both unsigned.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type ExprLike, mul, sub } from '../../stark/air/expr.ts';
import { byteColumns } from '../../stark/gadgets/byte-limbs.ts';
import { addProductLimbs, productLimbs } from '../../stark/gadgets/byte-products.ts';
import { byteLookup, byteOperation, bytePair } from '../../stark/tables/bytes.ts';
import { range } from '../../stark/tables/range.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { wordReader } from './word-operands.ts';

const LIMB = 2 ** 16;
/** Carries into the upper half may be as low as -3. */
const CARRY_OFFSET = 4;

export const multiplyHigh: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('multiply-high');
  const real = chip.bit('real', 'the row executes an instruction');
  const isUnsigned = chip.bit('isUnsigned', 'of unsigned factors');
  const isSigned = sub(real, isUnsigned);
  const left = byteColumns(chip, 'left', 4, 'byte of rs1');
  const right = byteColumns(chip, 'right', 4, 'byte of rs2');
  const leftSign = chip.column('leftSign', 'top bit of rs1');
  const rightSign = chip.column('rightSign', 'top bit of rs2');
  const opcode = add(mul(instructions.mulh.opcode, real), isUnsigned);
  const adapter = instructionAdapter(chip, 'alu', {
    real,
    opcode,
    before: { rs1: left.limbs, rs2: right.limbs },
  });
  const result = adapter.columnsAfter('rd');
  const low = chip.columns('low', 4, 'limb of the lower half');
  const carries = chip.columns('carry', 7, 'what goes on above the limb');
  const excess = chip.column('excess', 'by how many times 2^64 the upper half is below 0');

  for (const [name, { bytes }, sign] of [
    ['left', left, leftSign],
    ['right', right, rightSign],
  ] as const) {
    for (let i = 0; i < 3; i++) {
      bytePair(chip, `bytes of ${name} limb ${i}`, bytes[2 * i]!, bytes[2 * i + 1]!, real);
    }
    // top byte AND 0x80 = 128 sign
    const masked = mul(0x80, sign);
    byteLookup(chip, `sign of ${name}`, byteOperation.and, bytes[7]!, 0x80, masked, real);
  }
  bytePair(chip, 'bytes below the signs', left.bytes[6]!, right.bytes[6]!, real);
  // excess * (excess - 1) * (excess - 2) = 0
  chip.zero('excess is 0, 1 or 2', mul(excess, sub(excess, 1), sub(excess, 2)));

  const products = productLimbs(left.bytes, right.bytes, 8);
  for (let k = 0; k < 8; k++) {
    const j = k - 4;
    const limb: ExprLike = k < 4 ? low[k]! : result[j]!;
    const carry: ExprLike = k < 7 ? carries[k]! : sub(0, excess);
    let total = add(products[k]!, carries[k - 1] ?? 0);
    if (k >= 4) {
      const taken = add(mul(leftSign, right.limbs[j]!), mul(rightSign, left.limbs[j]!));
      total = sub(total, mul(isSigned, taken));
    }
    // products_k + carry_(k-1) - what the signs take = limb_k + 2^16 carry_k: all below 2^29
    chip.equal(`limb ${k}`, total, add(limb, mul(LIMB, carry)));
    range(chip, `limb ${k} in range`, 16, limb, real);
    if (k < 7) range(chip, `carry ${k}`, 12, add(carry, k < 4 ? 0 : CARRY_OFFSET), real);
  }

  const readLeft = wordReader('alu', 'rs1');
  const readRight = wordReader('alu', 'rs2');
  const leftLimbs = new Uint16Array(4);
  const rightLimbs = new Uint16Array(4);
  const sums = new Float64Array(8);
  return {
    description: chip.build({
      assumes: [],
      proves: ['rd = the upper half of rs1 * rs2, both signed or both unsigned'],
      stride: adapter.stride,
    }),
    format: 'alu',
    fill(rows) {
      adapter.fill(rows);
      rows.set(real, 1);
      rows.each((row) => {
        const signed = row.opcode === instructions.mulh.opcode;
        row.set(isUnsigned, signed ? 0 : 1);
        left.fill(row, readLeft(row, leftLimbs));
        right.fill(row, readRight(row, rightLimbs));
        row.set(leftSign, leftLimbs[3]! >>> 15);
        row.set(rightSign, rightLimbs[3]! >>> 15);
        sums.fill(0);
        addProductLimbs(sums, leftLimbs, rightLimbs, 1);
        let carry = 0;
        for (let k = 0; k < 8; k++) {
          let total = sums[k]! + carry;
          if (signed && k >= 4) {
            total -= (leftLimbs[3]! >>> 15) * rightLimbs[k - 4]!;
            total -= (rightLimbs[3]! >>> 15) * leftLimbs[k - 4]!;
          }
          carry = Math.floor(total / LIMB);
          if (k < 4) row.set(low[k]!, total - carry * LIMB);
          if (k < 7) row.setSigned(carries[k]!, carry);
        }
        row.set(excess, -carry);
      });
    },
  };
}
