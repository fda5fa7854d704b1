/**
 * AND, OR and XOR of words, byte by byte in the byte table.
 *
 * The operation of the table is a column of its own: the fetch ties it to the opcode, and the table has
 * no other operations but that of pairs, whose opcode is no instruction.
 *
 * Assumes: limbs of registers and immediates are below 2^16.
 * Proves: rd = rs1 `operation` rs2.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, sub } from '../../stark/air/expr.ts';
import { byteLookup, byteOperation } from '../../stark/tables/bytes.ts';
import { instructions } from '../instructions.ts';
import { eventLayout } from '../trace.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';

/** The opcode is this plus the operation of the byte table. */
const OPCODE_BASE = instructions.and.opcode - byteOperation.and;

export const bitwise: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('bitwise');
  const real = chip.bit('real', 'the row executes an instruction');
  const operation = chip.column('operation', 'operation of the byte table');
  const low = chip.columns('low', 4, 'low byte of the result limb');
  const high = chip.columns('high', 4, 'high byte of the result limb');
  const adapter = instructionAdapter(chip, 'alu', {
    real,
    opcode: add(mul(OPCODE_BASE, real), operation),
    after: { rd: low.map((byte, i) => add(byte, mul(256, high[i]!))) },
  });
  const left = adapter.before('rs1');
  const right = adapter.before('rs2');
  const leftHigh = chip.columns('leftHigh', 4, 'high byte of the limb of rs1');
  const rightHigh = chip.columns('rightHigh', 4, 'high byte of the limb of rs2');

  for (let i = 0; i < 4; i++) {
    const leftLow = sub(left[i]!, mul(256, leftHigh[i]!));
    const rightLow = sub(right[i]!, mul(256, rightHigh[i]!));
    byteLookup(chip, `low byte ${i}`, operation, leftLow, rightLow, low[i]!, real);
    byteLookup(chip, `high byte ${i}`, operation, leftHigh[i]!, rightHigh[i]!, high[i]!, real);
  }

  const operations = Uint8Array.from({ length: 256 }, (_, opcode) =>
    opcode > OPCODE_BASE ? opcode - OPCODE_BASE : 0,
  );
  const resultBytes = low.flatMap((byte, i) => [byte, high[i]!]);
  const resultAt = eventLayout('alu').offsetOf('rd').after;
  return {
    description: chip.build({
      assumes: ['limbs of registers and immediates are below 2^16'],
      proves: ['rd = rs1 AND, OR, XOR rs2'],
      stride: adapter.stride,
    }),
    format: 'alu',
    fill(rows) {
      adapter.fill(rows);
      rows.set(real, 1);
      rows.byOpcode(operation, operations);
      const leftLimbs = adapter.columnsBefore('rs1');
      const rightLimbs = adapter.columnsBefore('rs2');
      for (let i = 0; i < 4; i++) {
        rows.upperByte(leftHigh[i]!, leftLimbs[i]!);
        rows.upperByte(rightHigh[i]!, rightLimbs[i]!);
      }
      rows.bytes(resultBytes, resultAt);
    },
  };
}
