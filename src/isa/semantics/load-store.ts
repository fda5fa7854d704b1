/** Loads and stores of words at an address that was found admissible, by opcode. */

import type { Segment } from '../../memory/memory.ts';
import { mnemonicOf } from '../instructions.ts';

/** Bytes that a load or store of that opcode touches; 0 for other opcodes. */
export const memoryBytes = Uint8Array.from(mnemonicOf, (name) => {
  const bits = /^(?:ld|st)(8|16|32|64)/.exec(name ?? '')?.[1];
  if (bits !== undefined) return Number(bits) / 8;
  return name === 'wld' || name === 'wst' ? 32 : 0;
});

export function loadWord(
  op: number,
  out: Int32Array,
  d: number,
  segment: Segment,
  address: number,
): void {
  switch (op) {
    case 0x70: // ld8u
      out[d] = segment.load8(address);
      out[d + 1] = 0;
      break;
    case 0x71: // ld16u
      out[d] = segment.load16(address);
      out[d + 1] = 0;
      break;
    case 0x72: // ld32u
      out[d] = segment.load32(address);
      out[d + 1] = 0;
      break;
    case 0x73: // ld64
      out[d] = segment.load32(address);
      out[d + 1] = segment.load32(address + 4);
      break;
    case 0x74: // ld8s
      out[d] = (segment.load8(address) << 24) >> 24;
      out[d + 1] = out[d] >> 31;
      break;
    case 0x75: // ld16s
      out[d] = (segment.load16(address) << 16) >> 16;
      out[d + 1] = out[d] >> 31;
      break;
    case 0x76: // ld32s
      out[d] = segment.load32(address);
      out[d + 1] = out[d] >> 31;
      break;
    case 0x77: // ld8s32
      out[d] = (segment.load8(address) << 24) >> 24;
      out[d + 1] = 0;
      break;
    case 0x78: // ld16s32
      out[d] = (segment.load16(address) << 16) >> 16;
      out[d + 1] = 0;
      break;
    default:
      throw new RangeError(`op: expected a load, got ${op}`);
  }
}

export function storeWord(
  op: number,
  source: Int32Array,
  b: number,
  segment: Segment,
  address: number,
): void {
  switch (op) {
    case 0x7c: // st8
      segment.store8(address, source[b]);
      break;
    case 0x7d: // st16
      segment.store16(address, source[b]);
      break;
    case 0x7e: // st32
      segment.store32(address, source[b]);
      break;
    case 0x7f: // st64
      segment.store32(address, source[b]);
      segment.store32(address + 4, source[b + 1]);
      break;
    default:
      throw new RangeError(`op: expected a store, got ${op}`);
  }
}
