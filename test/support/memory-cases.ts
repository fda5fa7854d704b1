/** Cases and meanings for the chips that access memory, from the bytes of the cells. */

import type { Mnemonic } from '../../src/isa/instructions.ts';
import { addressSpaces } from '../../src/memory/address-space.ts';
import {
  type Case,
  type Elements,
  limbsOf,
  type Meaning,
  type Outcome,
} from './instruction-rows.ts';

/** One access, as a case needs it. */
export interface AccessCase {
  /** The word or wide register with the address. */
  readonly base: bigint;
  readonly offset?: number;
  readonly length: number;
  readonly isReadOnly?: boolean;
  readonly isImmediate?: boolean;
  readonly segment?: number;
}

const WHOLE = 2 ** 32 - 2 ** 16;

/**
 * Accesses of `size` bytes at every alignment, on both sides of every reason to fault. `split` says
 * where an address may come from besides the register.
 */
export function accessCases(size: number, split: 'offset' | 'immediate'): AccessCase[] {
  const inside = [
    ...Array.from({ length: 16 }, (_, i) => 40 + i),
    // The low limb turns over inside the access, or in the address of the next cell.
    ...[0, 3, 6, 7].map((i) => 0x10000 - 8 + i),
    0x1_fff9,
    0x1234_5678,
  ];
  const cases: AccessCase[] = inside.map((address, i) => ({
    base: BigInt(address),
    length: WHOLE,
    segment: i,
  }));
  // The end of the window exactly, and one past it.
  for (const address of [0, 1, 13, 0xffff, 0x1_0000, WHOLE - 2 ** 17 + 3, WHOLE - size]) {
    const base = BigInt(address);
    cases.push({ base, length: address + size }, { base, length: address + size - 1 });
  }
  const near: AccessCase = { base: 96n, length: 4096 };
  for (const length of [0, 1, size - 1]) cases.push({ ...near, base: 0n, length });
  // The address alone is at the end, past it, or at the end of all addresses.
  for (const address of [4096, 4097, 0x1_0000, 0xffff_fff0, 0xffff_ffff]) {
    cases.push({ ...near, base: BigInt(address) });
    cases.push({ base: BigInt(address), length: 0xffff_ffff });
  }
  cases.push(near, { ...near, isReadOnly: true });
  cases.push({ base: 4095n, length: 4096, isReadOnly: true });
  if (split === 'offset') {
    for (const limb of [32n, 47n, 48n, 63n]) cases.push({ ...near, base: 96n + (1n << limb) });
    cases.push({ ...near, base: (1n << 64n) - 1n });
    for (const [base, offset] of [
      [0x18, 0x20],
      [0xfff9, 0x17],
      [0xffff, 0xffff],
      [0x1_ffff, 0x2_0001],
      [0, 0x1_0003],
    ] as const) {
      cases.push({ base: BigInt(base), offset, length: WHOLE });
      cases.push({ base: BigInt(base), offset, length: base + offset + size - 1 });
    }
    // base + offset is 2^32 - 1, 2^32, 2^32 + 8.
    for (const offset of [0xffff, 0x1_0000, 0x1_0008]) {
      cases.push({ base: 0xffff_0000n, offset, length: WHOLE });
    }
    cases.push({ base: (1n << 64n) - 8n, offset: 16, length: WHOLE });
  } else {
    for (let limb = 32n; limb < 256n; limb += 16n)
      cases.push({ ...near, base: 96n + (1n << limb) });
    cases.push({ ...near, base: (1n << 256n) - 1n });
    const isSmall = ({ base }: AccessCase): boolean => base < 1n << 32n;
    cases.push(
      ...cases
        .filter((entry, i) => i % 2 === 0 && isSmall(entry))
        .map((entry) => ({ ...entry, isImmediate: true })),
    );
  }
  return cases;
}

/** Cases of one instruction, with `cellCount` cells of bytes that all differ. */
export function casesOf(
  name: Mnemonic,
  accesses: readonly AccessCase[],
  cellCount: number,
): Case[] {
  const isWide = cellCount > 2;
  return accesses.map((entry, index) => {
    const { base, offset, length, isReadOnly, isImmediate, segment } = entry;
    const cells = Array.from({ length: cellCount }, (_, k): [string, Elements] => [
      `cell${k}`,
      [0, 1, 2, 3].map(
        (i) => byteOf(index, 8 * k + 2 * i) + 256 * byteOf(index, 8 * k + 2 * i + 1),
      ),
    ]);
    return {
      name,
      isImmediate: isImmediate ?? false,
      values: {
        window: [segment ?? 5, length % 0x10000, Math.floor(length / 0x10000), isReadOnly ? 0 : 1],
        rs1: limbsOf(base, isWide ? 16 : 4),
        ...Object.fromEntries(cells),
      },
      operands: { ...(offset === undefined ? {} : { offset }), window: index % 16 },
    };
  });
}

/** Bytes with and without their top bit, hardly ever 0. */
function byteOf(index: number, at: number): number {
  return ((index * 29 + 1) * (at * 53 + 7) + 90 * at) & 0xff;
}

/** What the access does with the bytes at the address, given and returned in the order of memory. */
export interface Transfer {
  readonly size: number;
  readonly isStore: boolean;
  /** Of a load: limbs of rd. */
  readonly load?: (bytes: readonly number[]) => Elements;
  /** Of a store: bytes from the limbs of rs2. */
  readonly store?: (limbs: Elements) => number[];
}

/** The meaning of accesses whose greatest takes `cellCount` cells. */
export function accessMeaning(
  transferOf: (name: Mnemonic) => Transfer,
  cellCount: number,
): Meaning {
  const names = Array.from({ length: cellCount }, (_, k) => `cell${k}`);
  const isWide = cellCount > 2;
  return ({ name, values, slots }): Outcome => {
    const { size, isStore, load, store } = transferOf(name);
    const [segment, low, high, writable] = values.window as [number, number, number, number];
    const offset = isWide ? 0n : BigInt(slots[2]!) + (BigInt(slots[3]!) << 16n);
    const address =
      values.rs1!.reduceRight((sum, limb) => (sum << 16n) + BigInt(limb), 0n) + offset;
    const isOutside = address + BigInt(size) > BigInt(low) + (BigInt(high) << 16n);
    if (isOutside || (isStore && writable === 0)) return { faults: true, skipped: names };
    const at = Number(address);
    const first = Math.floor(at / 8);
    const count = Math.floor((at + size - 1) / 8) - first + 1;
    const bytes = names.flatMap((cell) => values[cell]!.flatMap((limb) => [limb & 255, limb >> 8]));
    const skip = at % 8;
    const shared = {
      skipped: names.slice(count),
      addresses: Object.fromEntries(
        names.map((cell, k) => [cell, [addressSpaces.memory.high + segment, first + k] as const]),
      ),
    };
    if (load) return { ...shared, written: { rd: load(bytes.slice(skip, skip + size)) } };
    bytes.splice(skip, size, ...store!(values.rs2!));
    const limb = (i: number): number => bytes[2 * i]! + 256 * bytes[2 * i + 1]!;
    return {
      ...shared,
      written: Object.fromEntries(
        names.map((cell, k) => [cell, [0, 1, 2, 3].map((i) => limb(4 * k + i))]),
      ),
    };
  };
}

/** The number that bytes mean, the first the least significant. */
export function littleEndian(bytes: readonly number[]): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) + BigInt(byte), 0n);
}

/** The bytes of a number in limbs, the first the least significant. */
export function bytesOf(limbs: Elements): number[] {
  return limbs.flatMap((limb) => [limb & 255, limb >> 8]);
}
