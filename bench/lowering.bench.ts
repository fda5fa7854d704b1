/** Bytes of source a second from bytecode to linked program: decoded, validated, lowered, linked. */

import { readFileSync } from 'node:fs';
import { compileSolidity } from '../examples/evm/solidity.ts';
import { compileC } from '../examples/wasm/clang.ts';
import { compileEvm } from '../src/frontends/evm/compile.ts';
import { compileWasm } from '../src/frontends/wasm/compile.ts';
import { type Figure, measure } from './measure.ts';

/** The greatest code of a contract, EIP-170. */
const CODE_LIMIT = 24576;

export async function loweringBench(): Promise<Figure[]> {
  const { code } = compileSolidity(readFileSync('examples/evm/Numerics.sol', 'utf8'), 'Numerics');
  const contract = Uint8Array.from({ length: CODE_LIMIT }, (_, i) => code[i % code.length]!);
  const module = await compileC('examples/wasm/demo.c');
  return measure('lowering', [
    {
      name: 'EVM, 24 KiB of compiled Solidity',
      unit: 'bytes',
      amount: contract.length,
      work: () => {
        compileEvm(contract);
      },
    },
    {
      name: 'Wasm, compiled C',
      unit: 'bytes',
      amount: module.length,
      work: () => {
        compileWasm(module);
      },
    },
  ]);
}
