/**
 * A cursor over the binary format: bytes, LEB128 numbers, vectors, names (Wasm 5.2).
 *
 * Everything is read within `end`; whoever reads a section or a function body narrows it. Errors are
 * `CompileError`s of kind `malformed` with the offset of the first byte that is wrong.
 */

import { CompileError } from '../frontend.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Reader {
  readonly bytes: Uint8Array;
  position: number;
  end: number;
  /** Upper half of the number that `signed` read last. */
  high = 0;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.position >= this.end;
  }

  malformed(rule: string, offset = this.position): CompileError {
    return new CompileError('malformed', rule, offset);
  }

  byte(): number {
    if (this.position >= this.end) throw this.malformed('unexpected end');
    return this.bytes[this.position++]!;
  }

  /** `length` bytes, not copied. */
  take(length: number): Uint8Array {
    if (length > this.end - this.position) throw this.malformed('length out of bounds');
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  /** Unsigned LEB128 below 2^32. */
  u32(): number {
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) {
        throw this.malformed(
          byte >= 0x80 ? 'integer representation too long' : 'integer too large',
          start,
        );
      }
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw this.malformed('integer representation too long', start);
  }

  /**
   * Signed LEB128 of `bits` bits (32, 33 or 64). Returns the low half and leaves the upper one in
   * `high`, both signed lanes; the value is sign extended to 64 bits.
   */
  signed(bits: 32 | 33 | 64): number {
    const start = this.position;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = this.byte();
      const left = bits - shift;
      if (left < 7) this.checkLastByte(byte, left, start);
      const digit = byte & 0x7f;
      if (shift < 32) low |= digit << shift;
      if (shift === 28) high |= digit >> 4;
      else if (shift > 28) high |= digit << (shift - 32);
      if (byte < 0x80) {
        if ((byte & 0x40) !== 0 && shift + 7 < 64) {
          if (shift + 7 < 32) {
            low |= -1 << (shift + 7);
            high = -1;
          } else {
            high |= -1 << (shift + 7 - 32);
          }
        }
        this.high = high;
        return low;
      }
    }
    throw this.malformed('integer representation too long', start);
  }

  /** Of the last byte `left` bits count; the others must repeat the sign and no byte may follow. */
  private checkLastByte(byte: number, left: number, start: number): void {
    if (byte >= 0x80) throw this.malformed('integer representation too long', start);
    const upper = (byte & 0x7f) >> (left - 1);
    if (upper !== 0 && upper !== 0x7f >> (left - 1)) {
      throw this.malformed('integer too large', start);
    }
  }

  name(): string {
    const length = this.u32();
    const start = this.position;
    const bytes = this.take(length);
    try {
      return utf8.decode(bytes);
    } catch {
      throw this.malformed('malformed UTF-8 encoding', start);
    }
  }

  /** A vector: a count, then as many items. */
  vector<T>(item: () => T): T[] {
    const count = this.u32();
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(item());
    return items;
  }
}
