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
import { fillProductCarries, productLimbs } from '../../stark/gadgets/byte-products.ts';
import { range } from '../../stark/tables/range.ts';
import { instructions } from '../instructions.ts';
import { eventLayout } from '../trace.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { FIRST_IMMEDIATE } from './word-operands.ts';

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

  const narrows = new Uint8Array(256);
  narrows[instructions.mul32.opcode] = 1;
  const { offsetOf } = eventLayout('alu');
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
      rows.byOpcode(isNarrow, narrows);
      rows.bytes(left.bytes, offsetOf('rs1').before);
      rows.bytes(right.bytes, offsetOf('rs2').before);
      for (let i = 0; i < 4; i++) {
        rows.immediateBytes(right.bytes[2 * i]!, right.bytes[2 * i + 1]!, FIRST_IMMEDIATE + i);
      }
      fillProductCarries(rows, left.bytes, right.bytes, carries);
      // The upper half of 32 bits is no product.
      for (const carry of carries.slice(2)) rows.clearWhere(carry, isNarrow);
    },
  };
}
