/** `braid-zkvm/wasm`: the WebAssembly frontend. */

export { CompileError } from './frontends/frontend.ts';
export { compileWasm, type WasmOptions } from './frontends/wasm/compile.ts';
export { type OpcodeRow, opcodeRows } from './frontends/wasm/opcodes.ts';
