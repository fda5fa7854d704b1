/**
 * AND, OR, XOR of wide words, byte by byte.
 *
 * Operands and result are columns of bytes only; messages carry the limbs that they make up. One lookup
 * in the byte table for each byte proves that all three are bytes and the result right.
 *
 * Assumes: limbs of immediates are below 2^16.
 * Proves: rd = rs1 AND, OR, XOR rs2.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { linear } from '../../stark/air/expr.ts';
import { byteColumns } from '../../stark/gadgets/byte-limbs.ts';
import { byteLookup, byteOperation } from '../../stark/tables/bytes.ts';
import { eventLayout } from '../trace.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';
import { WIDE_LIMBS } from './wide-operands.ts';
import { FIRST_IMMEDIATE } from './word-operands.ts';

export const wideBitwise: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('wide-bitwise');
  const select = selector(chip, ['wand', 'wor', 'wxor']);
  const left = byteColumns(chip, 'left', WIDE_LIMBS, 'byte of rs1');
  const right = byteColumns(chip, 'right', WIDE_LIMBS, 'byte of rs2');
  const result = byteColumns(chip, 'result', WIDE_LIMBS, 'byte of rd');
  const adapter = instructionAdapter(chip, 'wideAlu', {
    ...select,
    before: { rs1: left.limbs, rs2: right.limbs },
    after: { rd: result.limbs },
  });
  const { wand, wor, wxor } = select.flag;
  const { and, or, xor } = byteOperation;
  const operation = linear([wand, wor, wxor], [and, or, xor]);
  result.bytes.forEach((byte, i) => {
    byteLookup(chip, `byte ${i}`, operation, left.bytes[i]!, right.bytes[i]!, byte, select.real);
  });

  const { offsetOf } = eventLayout('wideAlu');
  return {
    description: chip.build({
      assumes: ['limbs of immediates are below 2^16'],
      proves: ['rd = rs1 AND, OR, XOR rs2'],
      stride: adapter.stride,
    }),
    format: 'wideAlu',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.bytes(left.bytes, offsetOf('rs1').before);
      rows.bytes(right.bytes, offsetOf('rs2').before);
      rows.bytes(result.bytes, offsetOf('rd').after);
      for (let i = 0; i < 2; i++) {
        rows.immediateBytes(right.bytes[2 * i]!, right.bytes[2 * i + 1]!, FIRST_IMMEDIATE + i);
      }
    },
  };
}
