import { describe, expect, it } from 'vitest';
import { type Bus, ChipBuilder, type ChipDescription } from '../../src/stark/air/chip.ts';
import { add, mul, next, sub } from '../../src/stark/air/expr.ts';
import { byteLookup, byteOperation } from '../../src/stark/tables/bytes.ts';
import { range } from '../../src/stark/tables/range.ts';
import { brokenRules } from './chip-laws.ts';
import { Forger, type Judge } from './forger.ts';
import { compileRules } from './rules.ts';

const bus: Bus = { name: 'toy', id: 77, fields: ['input', 'output'] };

/** output = 1 if input is 0, else 0. */
function zeroTest(leave: (rule: string) => boolean): ChipDescription {
  const chip = new ChipBuilder('toy');
  const input = chip.column('input', 'any element');
  const inverse = chip.column('inverse', '1 / input or anything');
  const output = chip.column('output', 'whether the input is 0');
  if (leave('product')) chip.equal('product', output, sub(1, mul(input, inverse)));
  if (leave('zero')) chip.zero('zero', mul(input, output));
  chip.send('out', bus, [input, output], 1);
  return chip.build({ assumes: [], proves: [] });
}

/** output = (input + 200) mod 256, input a byte. */
function byteSum(leave: (rule: string) => boolean): ChipDescription {
  const chip = new ChipBuilder('toy');
  const input = chip.column('input', 'a byte');
  const output = chip.column('output', 'a byte');
  const carry = chip.column('carry', 'a bit');
  if (leave('carry')) chip.isBit('carry', carry);
  chip.equal('sum', add(input, 200), add(output, mul(256, carry)));
  if (leave('range')) range(chip, 'range', 8, output, 1);
  chip.send('out', bus, [input, output], 1);
  return chip.build({ assumes: [], proves: [] });
}

/** output = input XOR 0x5a, of a byte. */
function byteFlip(leave: (rule: string) => boolean): ChipDescription {
  const chip = new ChipBuilder('toy');
  const input = chip.column('input', 'a byte');
  const output = chip.column('output', 'a byte');
  if (leave('flip')) byteLookup(chip, 'flip', byteOperation.xor, input, 0x5a, output, 1);
  chip.send('out', bus, [input, output], 1);
  return chip.build({ assumes: [], proves: [] });
}

/** The output of a row is the sum of its input and the input of the row before. */
function running(leave: (rule: string) => boolean): ChipDescription {
  const chip = new ChipBuilder('toy');
  const input = chip.column('input', 'any element');
  const output = chip.column('output', 'any element');
  if (leave('step')) chip.equal('step', next(output), add(input, next(input)));
  chip.send('out', bus, [input, output], 1);
  return chip.build({ assumes: [], proves: [] });
}

const always = (): boolean => true;

const toys: {
  name: string;
  describe: (leave: (rule: string) => boolean) => ChipDescription;
  rules: string[];
  honest: number[][];
  rowCount?: number;
  judge: Judge;
}[] = [
  {
    name: 'zero test',
    describe: zeroTest,
    rules: ['product', 'zero'],
    honest: [
      [0, 9, 1],
      [1, 1, 0],
      [2, 2 ** 30, 0],
    ],
    judge: (x) => ((x[0] === 0 ? 1 : 0) === x[2] ? 'truth' : 'lie'),
  },
  {
    name: 'sum of bytes',
    describe: byteSum,
    rules: ['carry', 'range'],
    honest: [
      [5, 205, 0],
      [100, 44, 1],
    ],
    judge: (x) => (x[0]! > 255 ? 'outside' : x[1] === (x[0]! + 200) % 256 ? 'truth' : 'lie'),
  },
  {
    name: 'flipped bits',
    describe: byteFlip,
    rules: ['flip'],
    honest: [
      [0, 0x5a],
      [0xff, 0xa5],
    ],
    judge: (x) => (x[0]! < 256 && x[1] === (x[0]! ^ 0x5a) ? 'truth' : 'lie'),
  },
  {
    name: 'two rows',
    describe: running,
    rules: ['step'],
    honest: [[3, 1, 4, 7]],
    rowCount: 2,
    judge: (x) => (x[3] === (x[0]! + x[2]!) % 0x7fffffff ? 'truth' : 'lie'),
  },
];

describe.each(toys)('the forger on the toy chip "$name"', (toy) => {
  const windows = (cellCount: number): Uint32Array[] =>
    toy.honest.map((cells) => {
      const row = new Uint32Array(cellCount);
      row.set(cells);
      return row;
    });

  it('finds no lie in the complete chip', () => {
    const compiled = compileRules(toy.describe(always));
    const rows = windows(compiled.cellCount);
    for (const row of rows) expect(brokenRules(compiled, row)).toEqual([]);
    const forger = new Forger(compiled, rows, toy.judge);
    expect(forger.search({ tries: 50_000, seed: 1 })).toBeUndefined();
  });

  it.each(toy.rules)('finds the hole that the missing rule "%s" leaves', (rule) => {
    const compiled = compileRules(
      toy.describe((name) => name !== rule),
      {},
      [],
      toy.rowCount,
    );
    const forger = new Forger(compiled, windows(compiled.cellCount), toy.judge);
    const lie = forger.search({ tries: 5_000, seed: 1 });
    expect(lie).toBeDefined();
    expect(brokenRules(compiled, lie!.cells)).toEqual([]);
    expect(toy.judge(lie!.cells)).toBe('lie');
  });

  it.each(toy.rules)('finds a lie once the rule "%s" is deleted', (rule) => {
    const compiled = compileRules(toy.describe(always));
    const forger = new Forger(compiled, windows(compiled.cellCount), toy.judge);
    const lie = forger.search({ tries: 5_000, seed: 1, deleted: rule });
    expect(lie).toBeDefined();
    expect(brokenRules(compiled, lie!.cells)).toEqual([rule]);
  });
});
