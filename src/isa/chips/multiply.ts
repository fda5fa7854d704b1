/**
 * The low half of a product, 64 and 32 bits wide.
 *
 * Both factors are taken in bytes, so that the products that meet at one limb stay below 2^28; what is
 * above the limb goes on as a carry.
 *
 * Proves: rd = rs1 * rs2 modulo 2^64, or modulo 2^32 with a clear upper half.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, sub } from '../../stark/air/expr.ts';
import { byteLimbs } from '../../stark/gadgets/byte-limbs.ts';
import { addProductLimbs, productLimbs } from '../../stark/gadgets/byte-products.ts';
import { range } from '../../stark/tables/range.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { wordReader } from './word-operands.ts';

export const multiply: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('multiply');
  const real = chip.bit('real', 'the row executes an instruction');
  const isNarrow = chip.bit('isNarrow', 'of the lower 32 bits');
  const left = byteLimbs(chip, 'left', 4, 'byte of rs1', real);
  const right = byteLimbs(chip, 'right', 4, 'byte of rs2', real);
  const opcode = add(
    mul(instructions.mul.opcode, real),
    mul(instructions.mul32.opcode - instructions.mul.opcode, isNarrow),
  );
  const adapter = instructionAdapter(chip, 'alu', {
    real,
    opcode,
    before: { rs1: left.limbs, rs2: right.limbs },
  });
  const result = adapter.columnsAfter('rd');
  const carries = chip.columns('carry', 4, 'what goes on above the limb');
  const products = productLimbs(left.bytes, right.bytes, 4);

  for (let k = 0; k < 4; k++) {
    // products_k + carry_(k-1) = result_k + 2^16 carry_k: both sides below 2^29
    const total = add(products[k]!, carries[k - 1] ?? 0);
    const difference = sub(total, add(result[k]!, mul(2 ** 16, carries[k]!)));
    chip.zero(`limb ${k}`, k < 2 ? difference : mul(sub(real, isNarrow), difference));
    range(chip, `result limb ${k}`, 16, result[k]!, real);
    // 8 * 255^2 * (1 + 2^8) < 2^28
    range(chip, `carry ${k}`, 12, carries[k]!, real);
    if (k >= 2) chip.zero(`upper limb ${k} is clear`, mul(isNarrow, result[k]!));
  }

  const readLeft = wordReader('alu', 'rs1');
  const readRight = wordReader('alu', 'rs2');
  const leftLimbs = new Uint16Array(4);
  const rightLimbs = new Uint16Array(4);
  const sums = new Float64Array(4);
  return {
    description: chip.build({
      assumes: [],
      proves: ['rd = rs1 * rs2 modulo 2^64, or modulo 2^32 with a clear upper half'],
      stride: adapter.stride,
    }),
    format: 'alu',
    fill(rows) {
      adapter.fill(rows);
      rows.set(real, 1);
      rows.each((row) => {
        const narrow = (row.message(0) & 255) === instructions.mul32.opcode;
        row.set(isNarrow, narrow ? 1 : 0);
        left.fill(row, readLeft(row, leftLimbs));
        right.fill(row, readRight(row, rightLimbs));
        sums.fill(0);
        addProductLimbs(sums, leftLimbs, rightLimbs, 1);
        let carry = 0;
        for (let k = 0; k < (narrow ? 2 : 4); k++) {
          carry = Math.floor((sums[k]! + carry) / 2 ** 16);
          row.set(carries[k]!, carry);
        }
      });
    },
  };
}
