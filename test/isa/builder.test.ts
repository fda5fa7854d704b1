import { describe, expect, test } from 'vitest';
import { negate, UnitBuilder } from '../../src/isa/builder.ts';
import { instructionAt } from '../../src/isa/encoding.ts';
import { type Mnemonic, mnemonicOf } from '../../src/isa/instructions.ts';
import type { Unit } from '../../src/isa/program.ts';

const builder = (): UnitBuilder =>
  new UnitBuilder({ name: 'unit', frontend: 'test', frontendVersion: 1 });

const namesOf = (unit: Unit): (Mnemonic | undefined)[] =>
  Array.from(unit.code.op, (op) => mnemonicOf[op & 255]);

describe('operands', () => {
  test('a bigint in the place of a register is an immediate', () => {
    const b = builder();
    b.emit('add', 1, 2, 3);
    b.emit('add', 1, 2, 3n);
    b.emit('sub', 1, 2, -1n);
    b.emit('wld', -3, 5n, 15, b.here());
    b.emit('wadd', -1, -2, 0xffff_ffffn);
    const { code } = b.finish();
    expect(instructionAt(code, 0)).toEqual({
      name: 'add',
      rd: 1,
      rs1: 2,
      rs2: 3,
      imm: 0n,
      isImmediate: false,
      target: 0,
    });
    expect(instructionAt(code, 1)).toMatchObject({ rs2: 0, imm: 3n, isImmediate: true });
    expect(instructionAt(code, 2)).toMatchObject({ imm: 2n ** 64n - 1n, isImmediate: true });
    expect(instructionAt(code, 3)).toMatchObject({ rd: -3, rs1: 0, imm: 5n + (15n << 32n) });
    expect(instructionAt(code, 4)).toMatchObject({ rd: -1, rs1: -2, imm: 0xffff_ffffn });
  });

  test('lanes give the same instruction as a bigint', () => {
    const value = 0xfedc_ba98_7654_3210n;
    const viaBigint = builder();
    const here = viaBigint.here();
    viaBigint.emit('xor', 4, 5, value);
    viaBigint.emit('beq', 4, value, here);
    viaBigint.emit('move', 7, value);
    const viaLanes = builder();
    const there = viaLanes.here();
    viaLanes.emitLanes('xor', 0x76543210, 0xfedcba98 | 0, 4, 5, 0);
    viaLanes.emitLanes('beq', 0x76543210, 0xfedcba98 | 0, 4, 0, there);
    viaLanes.emitLanes('move', 0x76543210, 0xfedcba98 | 0, 7, 0);
    expect(viaLanes.finish().code).toEqual(viaBigint.finish().code);
    const message = /select at pc 0: takes no immediate of 64 bits/;
    expect(() => builder().emitOperandsLanes('select', 0, 0, [0, 0, 0, 0])).toThrow(message);
  });

  const wrong: readonly [string, (b: UnitBuilder) => void, RegExp][] = [
    ['word register', (b) => b.emit('add', 65536, 0, 0), /rd of add at pc 0: expected word from 0/],
    ['negative register', (b) => b.emit('add', 0, -1, 0), /rs1 of add at pc 0/],
    ['wide register', (b) => b.emit('wadd', 0, 1024, 0), /rs1 of wadd at pc 0: expected wide/],
    ['fraction', (b) => b.emit('add', 0, 0.5, 0), /rs1 of add/],
    ['window', (b) => b.emit('ld8u', 0, 0, 0, 16, b.label()), /window of ld8u/],
    ['offset', (b) => b.emit('ld8u', 0, 0, 2 ** 32, 1, b.label()), /offset of ld8u/],
    ['slide', (b) => b.emit('call', 0, b.label()), /slide of call/],
    ['signed slide', (b) => b.emit('block', 0, 0, 0, -1025, b.label()), /slide of block/],
    ['gas', (b) => b.emit('block', -1, 0, 0, 0, b.label()), /gas of block/],
    ['64-bit immediate', (b) => b.emit('add', 0, 0, 2n ** 64n), /rs2 of add at pc 0: .* 64 bits/],
    ['wide immediate', (b) => b.emit('wadd', 0, 0, -1n), /rs2 of wadd/],
    ['no immediate here', (b) => b.emitOperands('select', [0, 0, 0n, 0]), /rs2 of select/],
    ['label as register', (b) => b.emitOperands('jump', [0]), /target of jump/],
    ['number of operands', (b) => b.emitOperands('jump', []), /jump at pc 0: expected 1 operands/],
  ];
  test.each(wrong)('refuses a wrong operand: %s', (_, act, message) => {
    expect(() => act(builder())).toThrow(message);
  });
});

describe('labels', () => {
  test('targets are relative, forwards and backwards', () => {
    const b = builder();
    const end = b.label('end');
    const start = b.here();
    b.emit('jump', end);
    b.emit('jump', start);
    b.place(end);
    b.emit('jump', end);
    expect([...b.finish().code.target]).toEqual([2, -1, 0]);
  });

  test('a label that is used must be placed once', () => {
    const b = builder();
    b.emit('jump', b.label('nowhere'));
    expect(() => b.finish()).toThrow(/nowhere: used by pc 0, never placed/);
    const other = builder();
    const label = other.here('twice');
    expect(() => other.place(label)).toThrow(/placed twice/);
  });
});

describe('structure', () => {
  test('if skips its branch by the negated condition', () => {
    const b = builder();
    b.if(
      ['bltu', 1, 10n],
      () => b.emit('move', 2, 1n),
      () => b.emit('move', 2, 0n),
    );
    b.emit('return');
    const unit = b.finish();
    expect(namesOf(unit)).toEqual(['bgeu', 'move', 'jump', 'move', 'return']);
    expect([...unit.code.target]).toEqual([3, 0, 2, 0, 0]);
  });

  test('while tests at its end', () => {
    const b = builder();
    b.while(['bne', 1, 0n], () => b.emit('sub', 1, 1, 1n));
    const unit = b.finish();
    expect(namesOf(unit)).toEqual(['jump', 'sub', 'bne']);
    expect([...unit.code.target]).toEqual([2, 0, -1]);
  });

  test('loop offers both ends', () => {
    const b = builder();
    b.loop((end, start) => {
      b.branch(['beq', 1, 0n], end);
      b.branch(['beq', 2, 0n], start);
    });
    b.emit('return');
    expect([...b.finish().code.target]).toEqual([3, -1, -2, 0]);
  });

  test('call places arguments above the live registers and fetches results', () => {
    const b = builder();
    b.frame(2);
    const result = b.register();
    const callee = b.label();
    b.call(callee, [0, 7n], [result]);
    b.call({ runtimeEntry: 3 });
    b.place(callee);
    b.emit('return');
    const { code } = b.finish();
    expect(instructionAt(code, 0)).toMatchObject({ name: 'move', rd: 3, rs2: 0 });
    expect(instructionAt(code, 1)).toMatchObject({ name: 'move', rd: 4, imm: 7n });
    expect(instructionAt(code, 2)).toMatchObject({ name: 'call', imm: 3n, target: 3 });
    expect(instructionAt(code, 3)).toMatchObject({ name: 'move', rd: 2, rs2: 3 });
    expect(instructionAt(code, 4)).toMatchObject({ name: 'callr', imm: 3n, rd: 3 });
  });

  test('registers taken in a scope are released', () => {
    const b = builder();
    expect(b.frameTop).toBe(1);
    b.frame(1);
    expect(b.scope(() => [b.register(), b.registers(3), b.frameTop])).toEqual([1, 2, 5]);
    expect(b.register()).toBe(1);
  });

  test('every negation is its own inverse', () => {
    for (const name of mnemonicOf) {
      if (name === undefined || !/^w?b/.test(name) || name === 'block' || name === 'wbyte')
        continue;
      const condition = [name, 1, 2] as unknown as Parameters<typeof negate>[0];
      expect(negate(negate(condition))).toEqual(condition);
      expect(negate(condition)[0]).not.toBe(name);
    }
  });
});

test('constants, tables, entries and the source map reach the unit', () => {
  const b = builder();
  expect(b.constant(2n ** 255n + 1n)).toBe(0);
  expect(b.constant(5n)).toBe(1);
  expect(b.constantLanes([1, 0, 0, 0, 0, 0, 0, 0x8000_0000])).toBe(0);
  expect(b.constant(-1n)).toBe(2);
  expect(b.constant(2n ** 256n - 1n)).toBe(2);
  const start = b.label('start');
  const end = b.label('end');
  expect(b.table([end, start, end])).toBe(0);
  expect(b.guestTable(0, ['a', 'b'])).toBe(1);
  b.runtimeEntry(1, end);
  b.runtimeEntry(0, start);
  b.entry('start', start);
  b.emit('return');
  b.at(7);
  b.function('f');
  b.place(start);
  b.emit('wconst', 0, 1);
  b.at(9);
  b.place(end);
  b.emit('return');
  const unit = b.finish();
  expect(unit.tables.map((table) => [...table])).toEqual([
    [2, 1, 2],
    [-1, -1],
  ]);
  expect(unit.imports).toEqual([
    { table: 1, index: 0, guest: 0, entry: 'a' },
    { table: 1, index: 1, guest: 0, entry: 'b' },
  ]);
  expect([...unit.sourceMap]).toEqual([-1, 7, 9]);
  expect(unit.functions).toEqual([{ name: 'f', start: 1 }]);
  expect([...unit.runtimeEntries]).toEqual([1, 2]);
  expect(unit.entries).toEqual([{ name: 'start', pc: 1 }]);
  expect(unit.pool.length).toBe(24);
});

test('cost is linear: a hundred thousand forward references', () => {
  const b = builder();
  const end = b.label();
  for (let i = 0; i < 100_000; i++) b.emit('beq', 1, 2, end);
  b.place(end);
  b.emit('return');
  const { code } = b.finish();
  expect(code.target[0]).toBe(100_000);
  expect(code.target[99_999]).toBe(1);
});
