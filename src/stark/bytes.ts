/**
 * Bytes of proofs and statements: little endian, exact lengths, one encoding for each value.
 *
 * The reader keeps its first rejection and from then on returns zeros and empty arrays, so that decoders read straight
 * on and ask once, at the end, `finish()`. It never throws on any bytes and never allocates more than the input holds.
 */
import type { Ext, ExtensionField } from './field/extension.ts';
import { isCanonical, MODULUS } from './field/m31.ts';
import { accept, type Checked, type Rejection, refuse } from './rejection.ts';

export interface ByteWriter {
  /** A whole number in [0, 2^8). This and the next two throw a RangeError outside their range. */
  u8(value: number): void;
  u32(value: number): void;
  /** A whole number in [0, 2^53), eight bytes. */
  u53(value: number): void;
  /** Canonical field elements, without a length. Throws a RangeError for a value >= p. */
  field(values: Uint32Array): void;
  /** Any 32-bit words, without a length (digests). */
  words(values: Uint32Array): void;
  /** Raw bytes, without a length. */
  raw(bytes: Uint8Array): void;
  /** u32 length, then the bytes. */
  bytes(bytes: Uint8Array): void;
  /** UTF-8 with a u32 length. */
  text(text: string): void;
  /** A fresh array of all that was written. */
  finish(): Uint8Array;
}

const encoder = new TextEncoder();

/** A writer that grows as needed. */
export function createByteWriter(): ByteWriter {
  let buffer = new Uint8Array(1024);
  let view = new DataView(buffer.buffer);
  let length = 0;

  /** Makes room, which may replace `view`, and returns the offset to write at. */
  function reserve(count: number): number {
    const offset = length;
    length += count;
    if (length > buffer.length) {
      const grown = new Uint8Array(Math.max(length, 2 * buffer.length));
      grown.set(buffer);
      buffer = grown;
      view = new DataView(buffer.buffer);
    }
    return offset;
  }

  function number(name: string, value: number, limit: number): void {
    if (!Number.isInteger(value) || value < 0 || value >= limit) {
      throw new RangeError(`${name}: expected a whole number below ${limit}, got ${value}`);
    }
  }

  const writer: ByteWriter = {
    u8(value) {
      number('u8', value, 2 ** 8);
      const offset = reserve(1);
      view.setUint8(offset, value);
    },
    u32(value) {
      number('u32', value, 2 ** 32);
      const offset = reserve(4);
      view.setUint32(offset, value, true);
    },
    u53(value) {
      number('u53', value, 2 ** 53);
      writer.u32(value % 2 ** 32);
      writer.u32(Math.floor(value / 2 ** 32));
    },
    field(values) {
      for (const value of values) number('field', value, MODULUS);
      writer.words(values);
    },
    words(values) {
      let offset = reserve(4 * values.length);
      for (const value of values) {
        view.setUint32(offset, value, true);
        offset += 4;
      }
    },
    raw(bytes) {
      const offset = reserve(bytes.length);
      buffer.set(bytes, offset);
    },
    bytes(bytes) {
      writer.u32(bytes.length);
      writer.raw(bytes);
    },
    text(text) {
      writer.bytes(encoder.encode(text));
    },
    finish: () => buffer.slice(0, length),
  };
  return writer;
}

/** `where` names the part read, for rejections. */
export interface ByteReader {
  /** The first reason to refuse, if any. */
  readonly rejection: Rejection | undefined;
  u8(where: string): number;
  u32(where: string): number;
  /** A u32 in [least, greatest]; `least` when refused. */
  u32Between(where: string, least: number, greatest: number): number;
  u53(where: string): number;
  /** `count` canonical field elements; as with all arrays, empty when refused. */
  field(where: string, count: number): Uint32Array;
  /** One canonical element; zero when refused. */
  ext(where: string, field: ExtensionField): Ext;
  words(where: string, count: number): Uint32Array;
  raw(where: string, count: number): Uint8Array;
  /** u32 length, then so many bytes; refused above `greatest`. */
  bytes(where: string, greatest: number): Uint8Array;
  /** Well-formed UTF-8. */
  text(where: string, greatest: number): string;
  /** Records a rejection found by the caller; the first one stays. */
  reject(rejection: Rejection): void;
  /** `value` if nothing was refused and nothing is left over. */
  finish<T>(value: T): Checked<T>;
}

export function createByteReader(bytes: Uint8Array): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let position = 0;
  let rejection: Rejection | undefined;

  function reject(found: Rejection): void {
    rejection ??= found;
  }

  /** The offset of the next `count` bytes, or undefined once anything was refused. */
  function take(where: string, count: number): number | undefined {
    const left = bytes.length - position;
    if (count > left) reject({ code: 'truncated', where, expected: count, got: left });
    if (rejection !== undefined) return undefined;
    const offset = position;
    position += count;
    return offset;
  }

  const reader: ByteReader = {
    get rejection() {
      return rejection;
    },
    u8(where) {
      const offset = take(where, 1);
      return offset === undefined ? 0 : view.getUint8(offset);
    },
    u32(where) {
      const offset = take(where, 4);
      return offset === undefined ? 0 : view.getUint32(offset, true);
    },
    u32Between(where, least, greatest) {
      const value = reader.u32(where);
      if (value >= least && value <= greatest && rejection === undefined) return value;
      reject({ code: 'out-of-range', where, least, greatest, got: value });
      return least;
    },
    u53(where) {
      const low = reader.u32(where);
      const high = reader.u32(where);
      if (high < 2 ** 21) return high * 2 ** 32 + low;
      reject({ code: 'not-canonical', where, got: high });
      return 0;
    },
    field(where, count) {
      const values = reader.words(where, count);
      const wrong = values.find((value) => !isCanonical(value));
      if (wrong === undefined) return values;
      reject({ code: 'not-canonical', where, got: wrong });
      return new Uint32Array(0);
    },
    ext(where, field) {
      const value = reader.field(where, field.degree);
      return value.length === field.degree ? value : field.zero();
    },
    words(where, count) {
      const offset = take(where, 4 * count);
      if (offset === undefined) return new Uint32Array(0);
      const values = new Uint32Array(count);
      for (let index = 0; index < count; index++) {
        values[index] = view.getUint32(offset + 4 * index, true);
      }
      return values;
    },
    raw(where, count) {
      const offset = take(where, count);
      return offset === undefined ? new Uint8Array(0) : bytes.slice(offset, offset + count);
    },
    bytes(where, greatest) {
      return reader.raw(where, reader.u32Between(where, 0, greatest));
    },
    text(where, greatest) {
      const encoded = reader.bytes(where, greatest);
      try {
        // `ignoreBOM` keeps a leading mark, so that no two byte strings give one text.
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(encoded);
      } catch {
        reject({ code: 'not-canonical', where, got: encoded.length });
        return '';
      }
    },
    reject,
    finish(value) {
      const left = bytes.length - position;
      if (left > 0) reject({ code: 'left-over', where: 'bytes', got: left });
      return rejection === undefined ? accept(value) : refuse(rejection);
    },
  };
  return reader;
}
