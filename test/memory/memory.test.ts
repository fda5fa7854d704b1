/** Memory of the host: bytes at every alignment and across pages, growth, and the host's limit. */

import { describe, expect, test } from 'vitest';
import { Memory, MemoryBudget, MemoryLimitError, Segment } from '../../src/memory/memory.ts';

const PAGE = 65536;

/** Addresses around the start, a cell, a page, and the end of two pages. */
const addresses = [
  ...Array.from({ length: 20 }, (_, i) => i),
  ...Array.from({ length: 44 }, (_, i) => PAGE - 36 + i),
];

describe('a segment', () => {
  const filled = (): { segment: Segment; bytes: DataView } => {
    const segment = new Segment(3, new MemoryBudget(2 ** 30));
    segment.cover(2 * PAGE);
    const bytes = new DataView(new ArrayBuffer(2 * PAGE));
    for (const address of [...addresses.keys(), ...addresses]) {
      const value = (address * 167 + 91) & 0xff;
      segment.store8(address, value);
      bytes.setUint8(address, value);
    }
    return { segment, bytes };
  };

  test('reads what stands there, at every alignment and across pages', () => {
    const { segment, bytes } = filled();
    const out = new Int32Array(8);
    for (const address of addresses) {
      expect(segment.load8(address)).toBe(bytes.getUint8(address));
      expect(segment.load16(address)).toBe(bytes.getUint16(address, true));
      expect(segment.load32(address)).toBe(bytes.getInt32(address, true));
      segment.loadBigEndian(out, 0, address);
      for (let i = 0; i < 8; i++) expect(out[i]).toBe(bytes.getInt32(address + 28 - 4 * i));
      segment.readCell(out, 0, address >>> 3);
      expect(out[0]).toBe(bytes.getInt32(address & ~7, true));
      expect(out[1]).toBe(bytes.getInt32((address & ~7) + 4, true));
    }
  });

  const stores: readonly [
    string,
    number,
    (s: Segment, a: number) => void,
    (d: DataView, a: number) => void,
  ][] = [
    ['8', 1, (s, a) => s.store8(a, -42), (d, a) => d.setUint8(a, -42)],
    ['16', 2, (s, a) => s.store16(a, -4242), (d, a) => d.setUint16(a, -4242, true)],
    ['32', 4, (s, a) => s.store32(a, -424242), (d, a) => d.setInt32(a, -424242, true)],
    [
      '256, big endian,',
      32,
      (s, a) =>
        s.storeBigEndian(
          a,
          Int32Array.from({ length: 8 }, (_, i) => -1000003 * (i + 1)),
          0,
        ),
      (d, a) => {
        for (let i = 0; i < 8; i++) d.setInt32(a + 28 - 4 * i, -1000003 * (i + 1));
      },
    ],
  ];
  test.each(stores)('stores %s bits and nothing beside them', (_, bytesWritten, store, model) => {
    for (const address of addresses) {
      const { segment, bytes } = filled();
      store(segment, address);
      model(bytes, address);
      for (let a = Math.max(0, address - 9); a < address + bytesWritten + 9; a++) {
        expect(segment.load8(a)).toBe(bytes.getUint8(a));
      }
    }
  });

  test('is zero where nothing was written, even where it is not covered', () => {
    const segment = new Segment(0, new MemoryBudget(2 ** 20));
    const out = new Int32Array([1, 1]);
    segment.readCell(out, 0, 2 ** 29 - 1);
    expect([...out]).toEqual([0, 0]);
    segment.cover(2 ** 32 - 2 ** 16);
    expect(segment.load32(2 ** 32 - 2 ** 16 - 4)).toBe(0);
    segment.store8(2 ** 32 - 2 ** 16 - 1, 7);
    expect(segment.load8(2 ** 32 - 2 ** 16 - 1)).toBe(7);
    expect(segment.load8(PAGE - 1)).toBe(0);
  });

  test('writes no page but its own', () => {
    const budget = new MemoryBudget(2 ** 20);
    const [first, second] = [new Segment(0, budget), new Segment(1, budget)];
    first.cover(PAGE);
    second.cover(PAGE);
    first.store32(0, -1);
    expect(second.load32(0)).toBe(0);
  });
});

describe('the host limit', () => {
  test('counts pages when they are written, and refuses one too many', () => {
    const budget = new MemoryBudget(3 * PAGE);
    const segment = new Segment(0, budget);
    segment.cover(8 * PAGE);
    segment.store8(0, 1);
    segment.store8(1, 1);
    segment.store8(PAGE, 1);
    expect(() => segment.store8(2 * PAGE, 1)).toThrow(MemoryLimitError);
    expect(segment.load8(PAGE)).toBe(1);
  });

  test('holds for registers, wide registers, segments and constants', () => {
    const memory = (): Memory => new Memory(100_000, new Int32Array(2), new Int32Array(8));
    expect(() => memory().ensureWords(10_000)).toThrow(MemoryLimitError);
    expect(() => memory().ensureWides(10_000)).toThrow(MemoryLimitError);
    expect(() => {
      const full = memory();
      for (let i = 0; i < 1000; i++) full.segment(i);
    }).toThrow(MemoryLimitError);
    expect(() => new Memory(100, new Int32Array(100), new Int32Array(0))).toThrow(MemoryLimitError);
    expect(() => memory().setWindow(0, 1, 2 ** 32 - 1, 1)).toThrow(MemoryLimitError);
  });
});

describe('registers', () => {
  test('stand behind the constants and keep their values where they grow', () => {
    const memory = new Memory(2 ** 20, Int32Array.of(7, 8), Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    memory.ensureWords(4);
    memory.ensureWides(1);
    memory.words[memory.wordBase + 6] = 99;
    memory.wides[memory.wideBase + 7] = 98;
    memory.records[3 * 3] = 97;
    memory.ensureWords(1000);
    memory.ensureWides(1000);
    expect([...memory.words.subarray(0, 2)]).toEqual([7, 8]);
    expect(memory.words[memory.wordBase + 6]).toBe(99);
    expect(memory.wides[memory.wideBase + 7]).toBe(98);
    expect(memory.records[9]).toBe(97);
    expect(memory.words.length).toBeGreaterThanOrEqual(2 + 2 * 1000);
    expect(memory.records.length).toBeGreaterThanOrEqual(3 * 1000);
  });

  test('show a segment through a window once it is set', () => {
    const memory = new Memory(2 ** 20, new Int32Array(0), new Int32Array(0));
    memory.setWindow(5, 2 ** 28 - 1, 2 ** 16 + 1, 1);
    expect([...memory.windows.subarray(15, 18)]).toEqual([2 ** 28 - 1, 2 ** 16 + 1, 1]);
    expect(memory.windowSegments[5]).toBe(memory.segment(2 ** 28 - 1));
    expect(memory.windowSegments[5].load8(2 ** 16)).toBe(0);
  });
});
