import { describe, expect, test } from 'vitest';
import { UnitBuilder } from '../../src/isa/builder.ts';
import { messageSlots, poolColumns, programColumns, tableColumns } from '../../src/isa/encoding.ts';
import { type LinkErrorCode, type LinkOptions, link } from '../../src/isa/linker.ts';
import type { Code, Unit } from '../../src/isa/program.ts';
import { buildGuest, buildRuntime, goodGuest, guestWith, linkOrThrow } from '../support/units.ts';

const P = 2 ** 31 - 1;

const withCode = (unit: Unit, change: Partial<Code>): Unit => ({
  ...unit,
  code: { ...unit.code, ...change },
});

describe('a program', () => {
  const runtime = buildRuntime();
  const guest = goodGuest();
  const program = linkOrThrow({ guests: [guest] });
  const base = runtime.code.op.length;

  test('has its units one behind the other with absolute targets', () => {
    expect(program.units.map((entry) => entry.base)).toEqual([0, base]);
    expect(program.entry).toBe(3);
    expect(program.code.target[base]).toBe(base + 5);
    expect(program.code.target[base + 3]).toBe(base + 5);
    expect(program.code.target[2]).toBe(runtime.code.target[2]! + 2);
    expect([...program.runtimeEntries]).toEqual([8]);
  });

  test('has tables and constants with keys in the stretch of their unit', () => {
    expect(program.tables.map(({ key, pcs }) => [key, ...pcs])).toEqual([
      [0, 8],
      [1, base],
      [base + 1, base + 5, base],
    ]);
    expect(program.code.immLow[base + 4]).toBe(2);
    expect(program.code.immLow[base + 2]).toBe(1);
    expect([...program.poolKeys]).toEqual([base, base + 1]);
  });

  test('sends messages in which only the distance to keys and targets stands', () => {
    const slots = (pc: number): number[] => [...messageSlots(program, pc)];
    const { op } = program.code;
    expect(slots(base)).toEqual([op[base], 2, 1, 100_000 & 0xffff, 1, P - 1, 0, 5]);
    expect(slots(base + 1)).toEqual([op[base + 1], P - 1, 0, P - 1, 0, 0, 0, 0]);
    expect(slots(base + 2)).toEqual([op[base + 2], 0, 0, P - 1, 0, 0, 0, 0]);
    expect(slots(base + 3)).toEqual([op[base + 3], 1, 2, 0x2345, 1, 4, 0, 2]);
    expect(slots(base + 4)).toEqual([op[base + 4], 0, 1, P - 3, 2, 0, 0, 1]);
    expect(slots(base + 5)).toEqual([op[base + 5], 0, 0, 0, 0, 0, 0, 0]);
  });

  test('sends the same messages wherever the unit is linked', () => {
    const between = buildGuest((b) => b.emit('return'), { name: 'other' });
    const shifted = linkOrThrow({ guests: [between, guest] });
    for (let pc = 0; pc < guest.code.op.length; pc++) {
      expect(messageSlots(shifted, base + 1 + pc)).toEqual(messageSlots(program, base + pc));
    }
  });

  test('has fixed columns of a power of two rows whose padding is never asked for', () => {
    const columns = programColumns(program);
    expect(columns.length).toBe(9);
    expect(columns.every((column) => column.length === 32)).toBe(true);
    const length = program.code.op.length;
    for (let pc = 0; pc < length; pc++) {
      expect(columns.map((column) => column[pc])).toEqual([pc, ...messageSlots(program, pc)]);
    }
    expect(columns[1]!.subarray(length).every((op) => op === 0)).toBe(true);
    const tables = tableColumns(program);
    expect(tables.map((column) => column.length)).toEqual([16, 16, 16]);
    expect([0, 1, 2, 3].map((row) => tables.map((column) => column[row]))).toEqual([
      [0, 0, 8],
      [1, 0, base],
      [base + 1, 0, base + 5],
      [base + 1, 1, base],
    ]);
    expect(tables[1]!.subarray(4).every((index) => index === P - 1)).toBe(true);
    const pool = poolColumns(program);
    expect(pool.length).toBe(17);
    expect(pool.map((column) => column[1])).toEqual([base + 1, 2, 1, ...Array(13).fill(0), 0x8000]);
    expect(pool[0]!.subarray(2).every((key) => key === P - 1)).toBe(true);
  });

  test('has the standard windows and the record of frame 0 in its image', () => {
    expect(
      program.image.windows.map(({ window, segment, isWritable }) => [window, segment, isWritable]),
    ).toEqual([
      [0, 0, true],
      [1, 1, false],
      [2, 2, false],
    ]);
    expect(program.image.recordPc).toBe(0);
  });
});

describe('refusals of a guest', () => {
  const good = goodGuest();
  const cases: readonly [string, LinkErrorCode, number, Unit][] = [
    ['a privileged unit', 'not-privileged', -1, { ...good, isPrivileged: true }],
    ['runtime entries', 'not-privileged', -1, { ...good, runtimeEntries: Int32Array.of(0) }],
    ['halt', 'not-privileged', 0, guestWith((b) => b.emit('halt'))],
    ['setg', 'not-privileged', 0, guestWith((b) => b.emit('setg', 1, 0), { allowedGlobals: [1] })],
    [
      'setm',
      'not-privileged',
      0,
      guestWith((b) => b.emit('setm', 4, 0, 0, 1, b.here()), { allowedWindows: [4] }),
    ],
    [
      'a load through the window of another',
      'window-not-allowed',
      0,
      guestWith((b) => b.emit('ld8u', 0, 0, 0, 4, b.here())),
    ],
    [
      'a store through the window of another',
      'window-not-allowed',
      0,
      guestWith((b) => b.emit('st8', 0, 0, 0, 0, b.here()), { allowedWindows: [1] }),
    ],
    [
      'a wide load through the window of another',
      'window-not-allowed',
      0,
      guestWith((b) => b.emit('wld', 0, 0n, 4, b.here())),
    ],
    [
      'a wide store through the window of another',
      'window-not-allowed',
      0,
      guestWith((b) => b.emit('wst', 0, 0, 4, b.here())),
    ],
    [
      'the length of a window of another',
      'window-not-allowed',
      0,
      guestWith((b) => b.emit('getm', 0, 4)),
    ],
    [
      'a global of another',
      'global-not-allowed',
      0,
      guestWith((b) => b.emit('getg', 0, 1), { allowedGlobals: [2] }),
    ],
    [
      'a target behind the unit',
      'target-outside',
      3,
      withCode(good, { target: good.code.target.with(3, 3) }),
    ],
    [
      'a target before the unit',
      'target-outside',
      3,
      withCode(good, { target: good.code.target.with(3, -4) }),
    ],
    [
      'a fault target outside',
      'target-outside',
      0,
      withCode(good, { target: good.code.target.with(0, -1) }),
    ],
    [
      'an entry point outside',
      'target-outside',
      6,
      { ...good, entries: [{ name: 'main', pc: 6 }] },
    ],
    [
      'two entry points of one name',
      'duplicate-entry',
      0,
      { ...good, entries: [...good.entries, ...good.entries] },
    ],
    [
      'a table entry behind the unit',
      'table-entry-outside',
      6,
      { ...good, tables: [Int32Array.of(0, 6)] },
    ],
    [
      'a table entry before the unit',
      'table-entry-outside',
      -1,
      { ...good, tables: [Int32Array.of(-1, 0)] },
    ],
    ['a table that does not exist', 'no-such-table', 4, { ...good, tables: [] }],
    [
      'a length other than the table has',
      'table-length',
      4,
      { ...good, tables: [Int32Array.of(0)] },
    ],
    [
      'a constant that does not exist',
      'no-such-constant',
      2,
      { ...good, pool: good.pool.slice(0, 8) },
    ],
    [
      'a runtime entry that does not exist',
      'no-such-runtime-entry',
      0,
      guestWith((b) => b.emit('callr', 1, 1)),
    ],
    [
      'a last instruction that goes on',
      'falls-through',
      0,
      buildGuest((b) => b.emit('move', 0, 0)),
    ],
    ['a last branch', 'falls-through', 0, buildGuest((b) => b.emit('beq', 0, 0, b.here()))],
    [
      'a last call, which returns behind itself',
      'falls-through',
      0,
      buildGuest((b) => b.emit('call', 1, b.here())),
    ],
    ['a last call of the runtime', 'falls-through', 0, buildGuest((b) => b.emit('callr', 0, 1))],
    [
      'a last call through a table',
      'falls-through',
      1,
      buildGuest((b) => {
        b.emit('jump', b.here());
        b.emit('callx', 0, b.table([b.here()]), 1, 1, b.here());
      }),
    ],
    [
      'a block that sinks below its need',
      'block-rule',
      0,
      guestWith((b) => b.emit('block', 0, 1, 0, -2, b.here())),
    ],
    [
      'a block that rises above its growth',
      'block-rule',
      0,
      guestWith((b) => b.emit('block', 0, 0, 1, 2, b.here())),
    ],
    ['wnot of a register pair', 'immediate-of-wnot', 0, guestWith((b) => b.emit('wnot', 0, 0, 0))],
    [
      'wnot with another immediate',
      'immediate-of-wnot',
      0,
      guestWith((b) => b.emit('wnot', 0, 0, 1n)),
    ],
    [
      'a call that does not slide',
      'bad-instruction',
      0,
      withCode(
        buildGuest((b) => {
          b.emit('call', 1, b.here());
          b.emit('return');
        }),
        { immLow: Int32Array.of(0, 0) },
      ),
    ],
    [
      'a callr that does not slide',
      'bad-instruction',
      0,
      withCode(
        guestWith((b) => b.emit('callr', 0, 1)),
        { rd: Int32Array.of(0, 0) },
      ),
    ],
    [
      'a word register above 65535',
      'bad-instruction',
      3,
      withCode(good, { rd: good.code.rd.with(3, 65536) }),
    ],
    [
      'a wide register above 1023',
      'bad-instruction',
      2,
      withCode(good, { rd: good.code.rd.with(2, 1024) }),
    ],
    ['an undefined opcode', 'bad-instruction', 2, withCode(good, { op: good.code.op.with(2, 0) })],
    [
      'an immediate where there is none',
      'bad-instruction',
      2,
      withCode(good, { op: good.code.op.with(2, good.code.op[2]! + 256) }),
    ],
    [
      'a field that is not used',
      'bad-instruction',
      2,
      withCode(good, { rs2: good.code.rs2.with(2, 1) }),
    ],
    [
      'as many tables as instructions',
      'too-many-tables',
      -1,
      { ...good, tables: Array(6).fill(Int32Array.of(0)) },
    ],
    [
      'more constants than instructions',
      'too-many-constants',
      -1,
      { ...good, pool: new Int32Array(56) },
    ],
    ['no code', 'malformed-unit', -1, { ...good, code: buildRuntimeCode(0) }],
    ['columns of several lengths', 'malformed-unit', -1, withCode(good, { rd: new Int32Array(3) })],
    ['a short source digest', 'malformed-unit', -1, { ...good, sourceDigest: new Uint8Array(31) }],
    ['half a constant', 'malformed-unit', -1, { ...good, pool: new Int32Array(12) }],
  ];
  test.each(cases)('%s', (_, code, pc, guest) => {
    const linked = link({ vm: 'wasm', runtime: buildRuntime(), guests: [guest] });
    expect(linked).toMatchObject({ ok: false, error: { code, unit: 'guest', pc } });
  });

  test('none of them without a reason', () => {
    expect(link({ vm: 'wasm', runtime: buildRuntime(), guests: [good] }).ok).toBe(true);
    const allowed = guestWith(
      (b) => {
        b.emit('getg', 0, 2);
        b.emit('getm', 0, 4);
        b.emit('st8', 0, 0, 0xffff_ffff, 4, b.here());
        b.emit('wnot', 0, 0, 0n);
        b.emit('block', 0, 1000, 100, 100, b.here());
      },
      { allowedGlobals: [2], allowedWindows: [4] },
    );
    expect(link({ vm: 'wasm', runtime: buildRuntime(), guests: [allowed] }).ok).toBe(true);
  });
});

function buildRuntimeCode(length: number): Code {
  const empty = new Int32Array(length);
  return {
    op: empty,
    rd: empty,
    rs1: empty,
    rs2: empty,
    immLow: empty,
    immHigh: empty,
    target: empty,
  };
}

describe('refusals of a program', () => {
  const guest = goodGuest();
  const runtime = buildRuntime();
  const cells = (segment: number, numbers: number[]) => ({
    segment,
    cells: Int32Array.from(numbers),
    lanes: new Int32Array(2 * numbers.length),
  });
  const window = { window: 3, segment: 3, byteLength: 64, isWritable: true };
  const cases: readonly [string, LinkErrorCode, Partial<LinkOptions>][] = [
    [
      'a runtime without privilege',
      'not-privileged',
      { runtime: { ...runtime, isPrivileged: false } },
    ],
    [
      'no stub at pc 0',
      'no-stub',
      {
        runtime: {
          ...runtime,
          entries: [
            { name: 'invalid', pc: 1 },
            { name: 'start', pc: 3 },
          ],
        },
      },
    ],
    ['no start', 'no-stub', { runtime: { ...runtime, entries: [{ name: 'invalid', pc: 0 }] } }],
    [
      'a start at pc 0',
      'no-stub',
      {
        runtime: {
          ...runtime,
          entries: [
            { name: 'invalid', pc: 0 },
            { name: 'start', pc: 0 },
          ],
        },
      },
    ],
    [
      'no entry for the call depth',
      'no-stub',
      { runtime: { ...runtime, runtimeEntries: new Int32Array() } },
    ],
    [
      'a runtime entry outside the runtime',
      'target-outside',
      { runtime: { ...runtime, runtimeEntries: Int32Array.of(999) } },
    ],
    [
      'two guests of one source',
      'duplicate-source',
      { guests: [guest, { ...guest, name: 'twin' }] },
    ],
    ['a second halt', 'halt-count', { runtime: buildRuntime((b) => b.emit('halt')) }],
    ['no halt', 'halt-count', { runtime: withoutHalt(runtime) }],
    ['an import from a missing guest', 'no-such-import', { guests: [] }],
    [
      'an import of a missing entry',
      'no-such-import',
      { runtime: buildRuntime(() => {}, 'other') },
    ],
    [
      'an import where there is no place',
      'no-such-import',
      { runtime: { ...runtime, imports: [{ table: 0, index: 1, guest: 0, entry: 'main' }] } },
    ],
    [
      'an import from the runtime itself',
      'no-such-import',
      { runtime: { ...runtime, imports: [{ table: 0, index: 0, guest: -1, entry: 'start' }] } },
    ],
    ['a place without import', 'table-entry-outside', { runtime: { ...runtime, imports: [] } }],
    [
      'two imports for one place',
      'no-such-import',
      { runtime: { ...runtime, imports: [...runtime.imports, ...runtime.imports] } },
    ],
    ['a limit of fp of 0', 'limits', { fpLimit: 0 }],
    ['a limit of fp above 2^28', 'limits', { fpLimit: 2 ** 28 + 1 }],
    ['too many arguments', 'limits', { argumentCells: 1025 }],
    ['a fraction of a result', 'limits', { resultCells: 0.5 }],
    [
      'a window that is too long',
      'image',
      { windows: [{ ...window, byteLength: 2 ** 32 - 2 ** 16 + 1 }] },
    ],
    ['a standard window that is too long', 'image', { privateBytes: 2 ** 32 }],
    ['a window of a segment from 2^28 on', 'image', { windows: [{ ...window, segment: 2 ** 28 }] }],
    ['a standard window again', 'image', { windows: [{ ...window, window: 2 }] }],
    ['a window twice', 'image', { windows: [window, window] }],
    ['a window above m15', 'image', { windows: [{ ...window, window: 16 }] }],
    ['the gas register as image', 'image', { globals: [{ global: 0, low: 1, high: 0 }] }],
    [
      'a global twice',
      'image',
      {
        globals: [
          { global: 1, low: 1, high: 0 },
          { global: 1, low: 2, high: 0 },
        ],
      },
    ],
    ['cells in the output', 'image', { cells: [cells(0, [0])] }],
    ['cells in the private input', 'image', { cells: [cells(2, [0])] }],
    ['a segment twice', 'image', { cells: [cells(3, [0]), cells(3, [1])] }],
    ['a cell twice', 'image', { cells: [cells(3, [1, 1])] }],
    ['cells out of order', 'image', { cells: [cells(3, [2, 1])] }],
    ['a cell from 2^29 on', 'image', { cells: [cells(3, [2 ** 29])] }],
    ['a lane too few', 'image', { cells: [{ ...cells(3, [1]), lanes: new Int32Array(1) }] }],
  ];
  test.each(cases)('%s', (_, code, change) => {
    const linked = link({ vm: 'wasm', runtime, guests: [guest], ...change });
    expect(linked).toMatchObject({ ok: false, error: { code } });
  });

  test('none without a reason', () => {
    const options: Partial<LinkOptions> = {
      windows: [{ ...window, byteLength: 2 ** 32 - 2 ** 16, segment: 2 ** 28 - 1 }],
      cells: [cells(4, [0, 2 ** 29 - 1]), cells(3, [])],
      globals: [{ global: 63, low: 1, high: 0 }],
      fpLimit: 2 ** 28,
      argumentCells: 1024,
    };
    expect(link({ vm: 'wasm', runtime, guests: [guest], ...options }).ok).toBe(true);
  });
});

/** The runtime with its halt replaced by a jump to itself. */
function withoutHalt(runtime: Unit): Unit {
  const b = new UnitBuilder({ name: 'x', frontend: 'x', frontendVersion: 1 });
  b.emit('jump', b.here());
  const last = runtime.code.op.length - 1;
  return withCode(runtime, { op: runtime.code.op.with(last, b.finish().code.op[0]!) });
}
