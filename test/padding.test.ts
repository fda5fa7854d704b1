import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { generator, requestOf } from '../bench/programs.ts';
import { compileSolidity, encodeCall } from '../examples/evm/solidity.ts';
import { compileC } from '../examples/wasm/clang.ts';
import { compileEvm } from '../src/frontends/evm/compile.ts';
import { compileWasm } from '../src/frontends/wasm/compile.ts';
import type { Program } from '../src/isa/program.ts';
import { prepare, sizeOf } from '../src/proving.ts';
import type { Request } from '../src/request.ts';

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Part of the cells that is padding, the constant tables counted. */
function paddingOf(program: Program, request: Request): number {
  const { trace } = prepare(program, request, {});
  const { cells, paddedCells } = sizeOf(trace, 4);
  return 1 - cells / paddedCells;
}

describe('padding is less than 15 % of the cells', () => {
  it('of the Solidity example', () => {
    const source = readFileSync(path('examples/evm/Numerics.sol'), 'utf8');
    const contract = compileSolidity(source, 'Numerics');
    const calldata = encodeCall(contract, 'squareRoot(uint256)', [2n * 10n ** 76n]);
    expect(paddingOf(compileEvm(contract.code), { calldata })).toBeLessThan(0.15);
  });

  it('of the C example', async () => {
    const program = compileWasm(await compileC(path('examples/wasm/demo.c')));
    const input = new TextEncoder().encode('a hundred bytes '.repeat(6));
    expect(paddingOf(program, { invoke: 'sha256', input })).toBeLessThan(0.15);
  });

  it.each([10, 14, 16, 17])('of the benchmark of 2^%i steps', (logSteps) => {
    expect(paddingOf(generator, requestOf(2 ** logSteps).request)).toBeLessThan(0.15);
  });
});
