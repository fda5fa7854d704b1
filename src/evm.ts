/** `braid-zkvm/evm`: the EVM frontend. */

export { compileEvm, type EvmOptions } from './frontends/evm/compile.ts';
export type { EvmEnvironment } from './frontends/evm/environment.ts';
export { type Opcode, opcodes } from './frontends/evm/opcodes.ts';
export { CompileError } from './frontends/frontend.ts';
