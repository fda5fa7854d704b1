/** Jump destinations and basic blocks of small codes. */

import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../examples/evm/solidity.ts';
import {
  basicBlocks,
  jumpDestinations,
  piecesOf,
  pushedValue,
} from '../../../src/frontends/evm/bytecode.ts';

const blocksOf = (hex: string) => {
  const bytes = fromHex(hex);
  return basicBlocks(bytes, jumpDestinations(bytes));
};

it.each([
  { code: '5b', offsets: [0], what: 'a destination' },
  { code: '605b5b', offsets: [2], what: 'push data is none' },
  { code: '615b', offsets: [], what: 'nor is push data at the end' },
  { code: '7f5b', offsets: [], what: 'nor where the data is cut short' },
  { code: '0c5b', offsets: [1], what: 'an undefined opcode has no data' },
])('knows where jumps may go: $what', ({ code, offsets }) => {
  const flags = jumpDestinations(fromHex(code));
  expect([...flags.entries()].filter(([, flag]) => flag === 1).map(([at]) => at)).toEqual(offsets);
});

it('takes push data past the end of the code as zeros', () => {
  expect(pushedValue(fromHex('6201'), 0, 3)).toBe(0x010000n);
});

describe('blocks', () => {
  it.each([
    { what: 'add up gas and stack', code: '6001600201', need: 0, grow: 2, slide: 1, gas: 9 },
    { what: 'need what they take', code: '01', need: 2, grow: 0, slide: -1, gas: 3 },
    { what: 'need what they reach', code: '8f', need: 16, grow: 1, slide: 1, gas: 3 },
    { what: 'need what they swap', code: '90', need: 2, grow: 0, slide: 0, gas: 3 },
    { what: 'grow past their end', code: '5f5f5050', need: 0, grow: 2, slide: 0, gas: 8 },
    {
      what: 'ask nothing for what is unsupported',
      code: '5f54',
      need: 0,
      grow: 1,
      slide: 1,
      gas: 2,
    },
  ])('$what', ({ code, need, grow, slide, gas }) => {
    expect(blocksOf(code)).toMatchObject([{ need, grow, slide, gas }]);
  });

  it('begin at destinations and behind branches, not in dead code', () => {
    // PUSH0 PUSH1 4 JUMPI; ADD; JUMPDEST; STOP; ADD ADD; JUMPDEST
    expect(blocksOf('5f6005570001015b005b').map(({ start }) => start)).toEqual([0, 4, 7, 9]);
  });

  it('follow a jump to what they have pushed, there and back', () => {
    // PUSH1 6 PUSH1 7 JUMP INVALID; JUMPDEST(6) STOP; JUMPDEST(8) JUMP
    const [first] = blocksOf('6006600856fe5b005b56');
    expect(first).toMatchObject({ offsets: [0, 2, 4, 8, 9, 6, 7], isClosed: true, slide: 0 });
  });

  it('copy both ways of a branch where the way back has been pushed before', () => {
    // PUSH1 9 CALLVALUE PUSH1 7 JUMPI; JUMP; JUMPDEST(7) JUMP; JUMPDEST(9) STOP
    const [first, ...others] = blocksOf('60093460075756' + '5b56' + '5b00');
    expect(first).toMatchObject({
      offsets: [0, 2, 3, 5],
      behind: { offsets: [6, 9, 10], isClosed: true },
      taken: { offsets: [7, 8, 9, 10], isClosed: true },
    });
    expect(others.map(({ start }) => start)).toEqual([6, 7, 9]);
    // Nothing is known here, so nothing is copied.
    expect(others.some(({ behind, taken }) => behind !== undefined || taken !== undefined)).toBe(
      false,
    );
  });

  it('do not follow a jump to a wrong destination or to what they have not pushed', () => {
    expect(blocksOf('600356005b')[0]).toMatchObject({ offsets: [0, 2] });
    expect(blocksOf('35565b')[0]).toMatchObject({ offsets: [0, 1] });
  });

  it('copy at most as many opcodes as the code has bytes', () => {
    // A loop without a way out would be followed for ever.
    const blocks = blocksOf('5b5f56');
    const copied = blocks.reduce((sum, { offsets }) => sum + offsets.length, 0);
    expect(copied).toBeLessThanOrEqual(6);
  });

  it('are cut before they reach too far, and go on behind the cut', () => {
    const blocks = blocksOf('5f'.repeat(600));
    expect(blocks.map(({ offsets }) => offsets.length)).toEqual([256, 256, 88]);
    expect(blocks.map(({ next }) => next)).toEqual([256, 512, 600]);
  });
});

it('pieces end at dynamic gas, and begin at a store that reaches deeper than all before', () => {
  const bytes = fromHex('5f51015f52015f5f5200');
  const [block] = basicBlocks(bytes, jumpDestinations(bytes));
  // PUSH0 MLOAD | ADD PUSH0 MSTORE | ADD PUSH0 PUSH0 MSTORE | STOP
  expect(piecesOf(bytes, block!).map(({ offsets }) => offsets)).toEqual([
    [0, 1],
    [2, 3, 4],
    [5, 6, 7, 8],
    [9],
  ]);
  const deep = fromHex('5f52');
  const [only] = basicBlocks(deep, jumpDestinations(deep));
  expect(piecesOf(deep, only!).map(({ offsets }) => offsets)).toEqual([[0], [1]]);
});
