/**
 * Sign extension from 8, 16 and 32 bits.
 *
 * `top` is the limb whose top bit is the sign, with a byte moved to its upper half; that bit and 15
 * checked bits below make up the limb.
 *
 * Assumes: limbs of registers are below 2^16.
 * Proves: rd is the low part of rs1 with its sign in all bits above, to 64 bits or to 32.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul } from '../../stark/air/expr.ts';
import { bytePair } from '../../stark/tables/bytes.ts';
import { range } from '../../stark/tables/range.ts';
import { eventLayout } from '../trace.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';

const sourceAt = eventLayout('unary').offsetOf('rs1').before;

export const extend: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('extend');
  const names = ['sext8', 'sext16', 'sext32', 'sext8_32', 'sext16_32'] as const;
  const select = selector(chip, names);
  const adapter = instructionAdapter(chip, 'unary', select);
  const source = adapter.before('rs1');
  const result = adapter.after('rd');
  const byte = select.any('sext8', 'sext8_32');
  const limb = select.any('sext16', 'sext16_32');
  const to64 = select.any('sext8', 'sext16', 'sext32');
  const sign = chip.bit('sign', 'the bit that is extended');
  const low = chip.column('low', 'low byte of limb 0');
  const high = chip.column('high', 'high byte of limb 0');
  const rest = chip.column('rest', 'the limb with the sign without it');

  // source0 = low + 256 high
  chip.equal('bytes of limb 0', source[0]!, add(low, mul(256, high)));
  bytePair(chip, 'bytes of limb 0 in range', low, high, select.real);
  // rest + 2^15 sign = 256 low, limb 0 or limb 1
  const top = add(
    mul(byte, mul(256, low)),
    mul(limb, source[0]!),
    mul(select.flag.sext32, source[1]!),
  );
  chip.equal('the sign is the top bit', add(rest, mul(2 ** 15, sign)), top);
  range(chip, 'rest', 15, rest, select.real);

  const fill = mul(0xffff, sign);
  // result0 = low and the sign in the upper byte, or limb 0
  const extended = add(low, mul(0xff00, sign));
  const whole = add(limb, select.flag.sext32);
  chip.equal('result limb 0', result[0]!, add(mul(byte, extended), mul(whole, source[0]!)));
  const upper = add(mul(add(byte, limb), fill), mul(select.flag.sext32, source[1]!));
  chip.equal('result limb 1', result[1]!, upper);
  for (const i of [2, 3]) chip.equal(`result limb ${i}`, result[i]!, mul(to64, fill));

  return {
    description: chip.build({
      assumes: ['limbs of registers are below 2^16'],
      proves: ['rd is the low part of rs1 with its sign in all bits above'],
      stride: adapter.stride,
    }),
    format: 'unary',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.each((row) => {
        const word = row.event(sourceAt);
        const name = names.find((entry) => row.get(select.flag[entry]) === 1)!;
        const shown =
          name === 'sext32'
            ? word >>> 16
            : name.startsWith('sext8')
              ? (word & 255) << 8
              : word & 0xffff;
        row.set(low, word & 255);
        row.set(high, (word >>> 8) & 255);
        row.set(sign, shown >>> 15);
        row.set(rest, shown & 0x7fff);
      });
    },
  };
}
