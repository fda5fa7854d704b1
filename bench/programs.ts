/** The guests that the proving benches run, and how they are asked for an amount of work. */

import { execute } from '../src/execution.ts';
import { compileEvm } from '../src/frontends/evm/compile.ts';
import { compileWasm } from '../src/frontends/wasm/compile.ts';
import type { Program } from '../src/isa/program.ts';
import type { Request } from '../src/request.ts';
import { encodeFunction } from '../test/support/wasm-module.ts';

/**
 * `run(turns) -> i32`: a linear congruential generator whose numbers are combined by exclusive or; a product, a
 * sum, a bit operation, a countdown and a branch for each turn.
 */
export const generator: Program = compileWasm(
  encodeFunction(
    ['i32'],
    ['i32'],
    [
      'loop',
      ['local.get', 1],
      ['i32.const', 1664525],
      'i32.mul',
      ['i32.const', 1013904223],
      'i32.add',
      ['local.tee', 1],
      ['local.get', 2],
      'i32.xor',
      ['local.set', 2],
      ['local.get', 0],
      ['i32.const', 1],
      'i32.sub',
      ['local.tee', 0],
      ['br_if', 0],
      'end',
      ['local.get', 2],
    ],
    { locals: ['i32', 'i32'] },
  ),
);

/** The call of the generator that takes about that many steps, an odd number of turns, and how many it takes. */
export function requestOf(wantedSteps: number): { request: Request; steps: number } {
  const stepsOf = (turns: number): number => execute(generator, { arguments: [turns] }).steps;
  const perTurn = stepsOf(2) - stepsOf(1);
  const turns = Math.floor((wantedSteps - stepsOf(1)) / perTurn) | 1;
  return { request: { arguments: [turns] }, steps: stepsOf(turns) };
}

/** Products of a turn of the chain. */
const UNROLLED = 16;

/** Bytecode that multiplies a 256-bit number `count` times by another, a multiple of 16, and returns the last product. */
function chainCode(count: number): Uint8Array {
  const word = (seed: number): number[] =>
    Array.from({ length: 32 }, (_, i) => (seed * (i + 7) * 37 + 11) & 255);
  const push = (bytes: readonly number[]): number[] => [0x5f + bytes.length, ...bytes];
  const turns = count / UNROLLED;
  // Stack: the factor, the number of turns left, the product.
  const head = [
    ...push(word(3)),
    ...push([turns >> 16, (turns >> 8) & 255, turns & 255]),
    ...push(word(5)),
  ];
  const [DUP3, MUL, SWAP1, SUB, DUP2, JUMPI, JUMPDEST] = [0x82, 0x02, 0x90, 0x03, 0x81, 0x57, 0x5b];
  const products = Array.from({ length: UNROLLED }, () => [DUP3, MUL]).flat();
  const countdown = [
    SWAP1,
    ...push([1]),
    SWAP1,
    SUB,
    SWAP1,
    DUP2,
    ...push([0, head.length]),
    JUMPI,
  ];
  const result = [...push([0]), 0x52, ...push([32]), ...push([0]), 0xf3];
  return Uint8Array.from([...head, JUMPDEST, ...products, ...countdown, ...result]);
}

/** A chain of 256-bit products in EVM code. */
export function productChain(count: number): { program: Program; request: Request } {
  return { program: compileEvm(chainCode(count)), request: { gas: 2n ** 40n } };
}
