/** The parallel move at the end of a block puts every item in its place, whatever the permutation. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { basicBlocks, jumpDestinations } from '../../../src/frontends/evm/bytecode.ts';
import { Registers } from '../../../src/frontends/evm/registers.ts';
import { readBlock } from '../../../src/frontends/evm/stack.ts';

/** PUSH0 or PUSH1, DUPn, SWAPn, POP only: the block does nothing but move. */
const shuffle = fc
  .array(
    fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom([0x5f], [0x60, 7]) },
      { weight: 2, arbitrary: fc.integer({ min: 0x80, max: 0x8f }).map((byte) => [byte]) },
      { weight: 6, arbitrary: fc.integer({ min: 0x90, max: 0x9f }).map((byte) => [byte]) },
      { weight: 2, arbitrary: fc.constant([0x50]) },
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((parts) => Uint8Array.from(parts.flat()));

it('as the stack says', () => {
  fc.assert(
    fc.property(shuffle, fc.array(fc.nat(), { maxLength: 3 }), (bytes, picks) => {
      const [block] = basicBlocks(bytes, jumpDestinations(bytes));
      const graph = readBlock(bytes, block!);
      const uses = new Int32Array(graph.constants.length);
      for (const value of graph.finalStack) uses[value]!++;
      const kept = picks
        .map((pick) => pick % Math.max(1, graph.need))
        .filter((value) => value < graph.need);
      for (const value of kept) uses[value]!++;
      // The machine: register to content. Items of the start are named by their value number.
      const content = new Map<number, string>();
      for (let item = 0; item < graph.need; item++) {
        content.set(item - graph.need - graph.block.slide, `item ${item}`);
      }
      const registers = new Registers(graph, uses);
      const places = registers.settle(kept, {
        move: (to, from) => {
          expect(content.has(from)).toBe(true);
          content.set(to, content.get(from)!);
        },
        load: (to, constant) => content.set(to, `constant ${constant}`),
      });
      const depth = graph.finalStack.length;
      graph.finalStack.forEach((value, k) => {
        const constant = graph.constants[value];
        expect(content.get(k - depth)).toBe(
          constant === undefined ? `item ${value}` : `constant ${constant}`,
        );
      });
      kept.forEach((value, i) => {
        expect(content.get(places[i]!)).toBe(`item ${value}`);
      });
    }),
    { numRuns: 3000, seed: 11 },
  );
});

it('without a move where nothing has moved', () => {
  const bytes = Uint8Array.of(0x90, 0x90, 0x80, 0x50);
  const [block] = basicBlocks(bytes, jumpDestinations(bytes));
  const graph = readBlock(bytes, block!);
  const registers = new Registers(graph, new Int32Array(graph.constants.length).fill(1));
  let count = 0;
  const tick = (): void => {
    count++;
  };
  registers.settle([], { move: tick, load: tick });
  expect(count).toBe(0);
});
