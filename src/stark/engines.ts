/**
 * Which engine a proof gets, and when: kernels on threads where there can be, one proof at a time; plain otherwise.
 */

import type { Engine } from './engine.ts';
import { kernelEngine } from './kernel/engine.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { plainEngine } from './plain/engine.ts';

/** `auto`: WebAssembly where it has SIMD, plain TypeScript elsewhere. */
export type KernelChoice = 'auto' | 'plain';

export interface EngineOptions {
  /** `auto` if left out. Proofs are the same, bit for bit; `plain` is slower and works on one thread. */
  readonly kernels?: KernelChoice;
  /** Threads that work, this one included; one for each core if left out. Proofs are the same, bit for bit. */
  readonly threads?: number;
}

/** The end of the last proof that has the kernels. */
let queue: Promise<unknown> = Promise.resolve();

/**
 * What `use` gives, on an engine that has room for the plan.
 *
 * @throws RangeError if the plan does not fit, before anything is computed, or `threads` is no count.
 */
export async function withEngine<Result>(
  plan: MemoryPlan,
  { kernels = 'auto', threads }: EngineOptions,
  use: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 64)) {
    throw new RangeError(`threads: expected 1 to 64, got ${threads}`);
  }
  const engine = kernels === 'plain' ? undefined : await kernelEngine();
  if (engine === undefined) return use(plainEngine);
  const turn = queue.then(async () => {
    engine.begin(plan, threads);
    try {
      return await use(engine);
    } finally {
      await engine.end();
    }
  });
  queue = turn.catch(() => {});
  return turn;
}
