import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createByteReader, createByteWriter } from '../../src/stark/bytes.ts';
import { MODULUS } from '../../src/stark/field/m31.ts';
import { qm31 } from '../../src/stark/field/qm31.ts';

describe('bytes', () => {
  it('come back as they were written', () => {
    const writer = createByteWriter();
    writer.u8(255);
    writer.u32(2 ** 32 - 1);
    writer.u53(2 ** 53 - 1);
    writer.field(Uint32Array.of(0, 1, MODULUS - 1));
    writer.words(Uint32Array.of(2 ** 32 - 1, 0));
    writer.raw(Uint8Array.of(1, 2, 3));
    writer.bytes(new Uint8Array(3000).fill(7));
    writer.text('\ufeffgrüße');
    writer.field(qm31.basis(2));
    const reader = createByteReader(writer.finish());
    expect(reader.u8('a')).toBe(255);
    expect(reader.u32('b')).toBe(2 ** 32 - 1);
    expect(reader.u53('c')).toBe(2 ** 53 - 1);
    expect([...reader.field('d', 3)]).toEqual([0, 1, MODULUS - 1]);
    expect([...reader.words('e', 2)]).toEqual([2 ** 32 - 1, 0]);
    expect([...reader.raw('f', 3)]).toEqual([1, 2, 3]);
    expect(reader.bytes('g', 3000)).toEqual(new Uint8Array(3000).fill(7));
    expect(reader.text('h', 100)).toBe('\ufeffgrüße');
    expect(reader.ext('i', qm31)).toEqual(qm31.basis(2));
    expect(reader.finish('whole')).toEqual({ ok: true, value: 'whole' });
  });

  it('are little endian', () => {
    const writer = createByteWriter();
    writer.u32(0x01020304);
    writer.u53(2 ** 32 + 5);
    expect([...writer.finish()]).toEqual([4, 3, 2, 1, 5, 0, 0, 0, 1, 0, 0, 0]);
  });

  it.each([MODULUS, MODULUS + 1, 2 ** 32 - 1])(
    'are refused when a field element is %i',
    (value) => {
      const writer = createByteWriter();
      writer.u32(3);
      writer.u32(value);
      const reader = createByteReader(writer.finish());
      expect(reader.field('row', 2)).toHaveLength(0);
      const rejection = { code: 'not-canonical', where: 'row', got: value };
      expect(reader.finish(0)).toEqual({ ok: false, rejection });
      expect(() => createByteWriter().field(Uint32Array.of(value))).toThrow(RangeError);
    },
  );

  it('are refused when short, when long, and when a length is out of bounds', () => {
    const short = createByteReader(new Uint8Array(7));
    short.u32('first');
    short.u32('second');
    expect(short.finish(0)).toEqual({
      ok: false,
      rejection: { code: 'truncated', where: 'second', expected: 4, got: 3 },
    });
    const long = createByteReader(new Uint8Array(5));
    long.u32('first');
    expect(long.finish(0)).toEqual({
      ok: false,
      rejection: { code: 'left-over', where: 'bytes', got: 1 },
    });
    const huge = createByteReader(new Uint8Array(8).fill(255));
    expect(huge.bytes('blob', 10)).toHaveLength(0);
    expect(huge.finish(0)).toMatchObject({ rejection: { code: 'out-of-range', where: 'blob' } });
    const hugeWords = createByteReader(new Uint8Array(8));
    expect(hugeWords.words('words', 2 ** 40)).toHaveLength(0);
    expect(hugeWords.rejection?.code).toBe('truncated');
    const wide = createByteReader(new Uint8Array(8).fill(255));
    wide.u53('nonce');
    expect(wide.rejection?.code).toBe('not-canonical');
  });

  it('keep their first rejection', () => {
    const reader = createByteReader(new Uint8Array(0));
    reader.u8('first');
    reader.ext('second', qm31);
    reader.reject({ code: 'bad-root', where: 'third' });
    expect(reader.rejection).toMatchObject({ code: 'truncated', where: 'first' });
  });

  it('refuse text that is not UTF-8', () => {
    const reader = createByteReader(Uint8Array.of(2, 0, 0, 0, 0xc0, 0x80));
    expect(reader.text('name', 9)).toBe('');
    expect(reader.finish(0)).toMatchObject({ rejection: { code: 'not-canonical', where: 'name' } });
  });

  it('never make the reader throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const reader = createByteReader(bytes);
        reader.u8('');
        reader.field('', reader.u32Between('', 0, 9));
        reader.text('', 10);
        reader.u53('');
        reader.ext('', qm31);
        reader.bytes('', 2 ** 31);
        return typeof reader.finish(1).ok === 'boolean';
      }),
      { seed: 6, numRuns: 500 },
    );
  });

  it('throw on misuse by the writer', () => {
    for (const value of [-1, 0.5, 2 ** 53, Number.NaN]) {
      expect(() => createByteWriter().u8(value)).toThrow(RangeError);
      expect(() => createByteWriter().u32(value)).toThrow(RangeError);
      expect(() => createByteWriter().u53(value)).toThrow(RangeError);
    }
  });
});
