/**
 * Braid: run, prove and verify EVM bytecode and WebAssembly.
 *
 * ```ts
 * const program = compileWasm(bytes);
 * const { proof } = await prove(program, { invoke: 'fib', arguments: [20] });
 * const verdict = await verify(proof, { program, expect: { status: 'returned' } });
 * ```
 *
 * The layers below are entry points of their own: `braid-zkvm/isa`, `/stark`, `/evm`, `/wasm`, and
 * `/verifier`, which loads nothing of the prover.
 */

export { type ExecuteOptions, type Execution, execute } from './execution.ts';
export { compileEvm, type EvmOptions } from './frontends/evm/compile.ts';
export type { EvmEnvironment } from './frontends/evm/environment.ts';
export { CompileError } from './frontends/frontend.ts';
export { compileWasm, type WasmOptions } from './frontends/wasm/compile.ts';
export type { Program } from './isa/program.ts';
export {
  type CheckOptions,
  type CheckResult,
  type ChipSize,
  check,
  type Phase,
  type Proven,
  type ProveOptions,
  prove,
  type TraceSize,
} from './proving.ts';
export type { Request, Result } from './request.ts';
export type { ProfileName } from './stark/parameters.ts';
export type { Rejection } from './stark/rejection.ts';
export { type Statistics, statistics } from './statistics.ts';
export {
  type Expectation,
  type ProvenStatement,
  type Verification,
  type VerifyOptions,
  verify,
} from './verifier.ts';
