/**
 * The prover's hot loops as one value: plain, or as WebAssembly emitted at run time. spec/11-kernels.md.
 *
 * One idea: a kernel has the type of its plain twin and gives the same results to the last bit, so that
 * proofs do not tell which was used and the prover does not know.
 */
import { Combination, dotProducts } from '../combine.ts';
import { multiplyBlocks } from '../extension-blocks.ts';
import { type HashRows, hashRows } from '../hash/merkle.ts';
import { type FindNonce, findNonce } from '../hash/transcript.ts';
import { type CircleFft, plainFft } from '../poly/fft.ts';
import { type BlockKernels, createBlocks } from './blocks.ts';
import { assembleFft, createFft } from './fft.ts';
import { createFindNonce } from './grind.ts';
import { createHashRows } from './hash.ts';

export interface Kernels extends BlockKernels {
  readonly fft: CircleFft;
  readonly hashRows: HashRows;
  readonly findNonce: FindNonce;
}

/** `auto`: WebAssembly where it has SIMD, plain TypeScript elsewhere. */
export type KernelChoice = 'auto' | 'plain';

export const plainKernels: Kernels = {
  fft: plainFft,
  hashRows,
  findNonce,
  multiplyBlocks,
  createSums: (degree) => new Combination(degree),
  dotProducts,
};

let compiled: Promise<Kernels> | undefined;

/** The same value each time: kernels are compiled once. */
export function chooseKernels(choice: KernelChoice): Promise<Kernels> {
  if (choice === 'plain' || !hasSimd()) return Promise.resolve(plainKernels);
  compiled ??= compile().catch((reason: unknown) => {
    // A page may forbid to compile at run time, and a small device to reserve the memory.
    if (reason instanceof WebAssembly.CompileError || reason instanceof RangeError) {
      return plainKernels;
    }
    throw reason;
  });
  return compiled;
}

/** Whether the engine knows WebAssembly and its vectors. */
export function hasSimd(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(assembleFft());
}

async function compile(): Promise<Kernels> {
  const [fft, hash, search, blocks] = await Promise.all([
    createFft(plainFft),
    createHashRows(hashRows),
    createFindNonce(),
    createBlocks(plainKernels),
  ]);
  return { fft, hashRows: hash, findNonce: search, ...blocks };
}
