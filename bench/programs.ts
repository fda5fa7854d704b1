/** The guest that the proving benches run, and how it is asked for a number of steps. */

import { execute } from '../src/execution.ts';
import { compileWasm } from '../src/frontends/wasm/compile.ts';
import type { Program } from '../src/isa/program.ts';
import type { Request } from '../src/request.ts';
import { encodeFunction } from '../test/support/wasm-module.ts';

/**
 * `run(turns) -> i64`: a linear congruential generator whose numbers are combined by exclusive or; a
 * product, a sum, a bit operation, a countdown and a branch for each turn.
 */
export const generator: Program = compileWasm(
  encodeFunction(
    ['i32'],
    ['i64'],
    [
      'loop',
      ['local.get', 1],
      ['i64.const', 6364136223846793005n],
      'i64.mul',
      ['i64.const', 1442695040888963407n],
      'i64.add',
      ['local.tee', 1],
      ['local.get', 2],
      'i64.xor',
      ['local.set', 2],
      ['local.get', 0],
      ['i32.const', 1],
      'i32.sub',
      ['local.tee', 0],
      ['br_if', 0],
      'end',
      ['local.get', 2],
    ],
    { locals: ['i64', 'i64'] },
  ),
);

/** The call of the generator that takes about that many steps, and how many it takes. */
export function requestOf(wantedSteps: number): { request: Request; steps: number } {
  const stepsOf = (turns: number): number => execute(generator, { arguments: [turns] }).steps;
  const perTurn = stepsOf(2) - stepsOf(1);
  const turns = Math.floor((wantedSteps - stepsOf(1)) / perTurn) + 1;
  return { request: { arguments: [turns] }, steps: stepsOf(turns) };
}
