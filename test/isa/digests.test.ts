import { describe, expect, test } from 'vitest';
import { programDigest, unitDigest } from '../../src/isa/digests.ts';
import type { LinkOptions } from '../../src/isa/linker.ts';
import type { Unit } from '../../src/isa/program.ts';
import { buildGuest, buildRuntime, goodGuest, linkOrThrow } from '../support/units.ts';

describe('digests', () => {
  const guest = goodGuest();
  const runtime = buildRuntime();
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const digestWith = (options: Partial<LinkOptions>): string =>
    hex(programDigest(linkOrThrow({ runtime, guests: [guest], ...options })));

  test('do not depend on source maps and function names', () => {
    const bare = { ...guest, sourceMap: guest.sourceMap.map(() => 5), functions: [] };
    expect(unitDigest(bare)).toEqual(unitDigest(guest));
  });

  const unitChanges: readonly [string, Partial<Unit>][] = [
    ['name', { name: 'x' }],
    ['frontend', { frontend: 'x' }],
    ['version', { frontendVersion: 2 }],
    ['source', { sourceDigest: new Uint8Array(32) }],
    ['privilege', { isPrivileged: true }],
    ['pool', { pool: new Int32Array(16) }],
    ['tables', { tables: [] }],
    ['table entries', { tables: [Int32Array.of(5, 5)] }],
    ['imports', { imports: [{ table: 0, index: 0, guest: 0, entry: 'main' }] }],
    ['entries', { entries: [] }],
    ['runtime entries', { runtimeEntries: Int32Array.of(0) }],
    ['windows', { allowedWindows: [5] }],
    ['globals', { allowedGlobals: [5] }],
    ...(['op', 'rd', 'rs1', 'rs2', 'immLow', 'immHigh', 'target'] as const).map(
      (name): [string, Partial<Unit>] => [
        `column ${name}`,
        {
          code: {
            ...guest.code,
            [name]: guest.code[name].map((value, pc) => (pc === 3 ? value ^ 1 : value)),
          },
        },
      ],
    ),
  ];
  test.each(unitChanges)('of a unit change with its %s', (_, change) => {
    expect(hex(unitDigest({ ...guest, ...change }))).not.toBe(hex(unitDigest(guest)));
  });

  const other = buildGuest((b) => b.emit('return'), { name: 'other' });
  const cells = [{ segment: 3, cells: Int32Array.of(1), lanes: Int32Array.of(1, 2) }];
  const window = { window: 4, segment: 4, byteLength: 65536, isWritable: true };
  const programChanges: readonly [string, Partial<LinkOptions>][] = [
    ['machine', { vm: 'evm' }],
    ['runtime', { runtime: buildRuntime((b) => b.emit('jump', b.here())) }],
    ['guests', { guests: [guest, other] }],
    ['limit of fp', { fpLimit: 1024 }],
    ['argument cells', { argumentCells: 1 }],
    ['result cells', { resultCells: 2 }],
    ['exports', { exports: [{ name: 'f', parameters: ['i32'], results: [] }] }],
    ['windows', { windows: [window] }],
    ['window lengths', { privateBytes: 64 }],
    ['globals', { globals: [{ global: 1, low: 1, high: 0 }] }],
    ['cells', { cells }],
  ];
  test('of a program change with each of its parts', () => {
    const digests = [digestWith({}), ...programChanges.map(([, change]) => digestWith(change))];
    expect(new Set(digests).size).toBe(programChanges.length + 1);
    expect(digestWith({ windows: [{ ...window, isWritable: false }] })).not.toBe(
      digestWith({ windows: [window] }),
    );
  });
});
