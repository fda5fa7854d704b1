/**
 * Real contracts and the official state tests, as single calls on the interpreter.
 *
 * A transaction that calls code is run as one call of that code: with its data, value and block, and its gas limit
 * less the intrinsic gas (21,000, call data, access list). Where such a run comes to an opcode that is not supported
 * yet, it is counted apart under that opcode; nothing is known then of what would have come next. All others are held to
 * everything there is to hold them to:
 *
 * - the contracts of revmc, evm-benchmarks and revm: status, return data, gas of the execution and of the
 *   transaction, as in the reference results (31 calls agree; 21 end at an opcode that is not supported);
 * - the programs of the gas cost estimator, which come without results: status, return data and gas left, as in
 *   `@ethereumjs/evm` (121 programs agree; 19 end at such an opcode);
 * - the Osaka cases of the state tests: the same, and the whole state afterwards as in the file, which such a run decides by
 *   its gas and status (155 cases agree; 5,144 end at an opcode that is not supported, in the reference too);
 * - the code of every other account of these tests, called with the same data, with the same gas, with just what it then
 *   uses, with one less and with half of it: as in `@ethereumjs/evm` (16,796 runs agree; 10,385 end at such an opcode).
 *
 * The pinned ends change when more opcodes are supported. The whole file takes about 20 seconds alone on the machine.
 */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EVM } from '@ethereumjs/evm';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileEvm } from '../../src/frontends/evm/compile.ts';
import { opcodeOf } from '../../src/frontends/evm/opcodes.ts';
import type { Program } from '../../src/isa/program.ts';
import { reasonText } from '../../src/isa/status.ts';
import { conformanceFile } from '../support/conformance.ts';
import { createReference, runReference, testEnvironment } from '../support/ethereumjs.ts';
import { type EvmOutcome, runEvm } from '../support/evm-run.ts';
import {
  bytesOf,
  type ContractCall,
  canonicalState,
  casesOf,
  type Fork,
  type StateTest,
  stateAfter,
  transactionGas,
} from '../support/evm-suite.ts';
import { readTarball } from '../support/tar.ts';

/** A call of the reference results. */
interface ReferenceResult {
  readonly fork: Fork;
  readonly status: string;
  readonly gasUsed: string;
  readonly executionGas: string;
  readonly returnDataKeccak: string;
}

type Runnable = Pick<ContractCall, 'code' | 'data' | 'gas' | 'environment'>;

const PROTOCOL_CODE_LIMIT = 24_576;
const MAX_STEPS = 1_000_000_000;

const results = conformanceFile('contracts/reference-results.json');
const estimator = conformanceFile('contracts/revm-bench/gas_cost_estimator_sample.csv');
const tarball = conformanceFile('evm/state-tests.tar.gz');

let reference: EVM;
beforeAll(async () => {
  reference = await createReference();
});

describe.skipIf(results === undefined)('calls of real contracts', () => {
  const calls = results === undefined ? [] : [...contractCalls(results)];

  it('agree with the reference results or end at an opcode that is not supported', () => {
    const failures: string[] = [];
    const seen: Record<string, string> = {};
    for (const { file, call, result } of calls) {
      const outcome = run(compileEvm(call.code), call);
      const known = seen[file] === undefined ? '' : `${seen[file]}, `;
      seen[file] = `${known}${endOf(outcome)}`;
      if (outcome.status === 'unsupported') continue;
      const gas = call.gas - outcome.gasLeft;
      const got = {
        status: outcome.status === 'returned' ? 'success' : outcome.status,
        executionGas: `${gas}`,
        gasUsed: `${transactionGas(call, gas)}`,
        returnDataKeccak: `0x${hex(keccak_256(outcome.output))}`,
      };
      for (const [field, value] of Object.entries(got)) {
        const expected = Reflect.get(result, field);
        if (value !== expected) failures.push(`${file}: ${field} ${value}, expected ${expected}`);
      }
    }
    expect(failures).toEqual([]);
    expect(seen).toEqual(endsOfContracts);
  });

  it('are lowered to at most four instructions for each byte', () => {
    const codes = new Map(calls.map(({ file, call }) => [file, call.code]));
    const large = [...codes].filter(([, { length }]) => length > 0.8 * PROTOCOL_CODE_LIMIT);
    expect(large.length).toBeGreaterThan(5);
    for (const [file, code] of large) {
      expect(compileEvm(code).code.op.length / code.length, file).toBeLessThan(4);
    }
  });
});

describe.skipIf(estimator === undefined)('programs of the gas cost estimator', () => {
  it('agree with @ethereumjs/evm', async () => {
    const tally = new Tally();
    const [, ...lines] = readFileSync(estimator!, 'utf8').trim().split('\n');
    for (const line of lines) {
      const [name, , , bytecode] = line.split(',');
      const code = bytesOf(bytecode!);
      const call = { code, data: bytesOf(''), gas: 1_000_000n, environment: testEnvironment };
      await tally.compare(name!, compileEvm(code), call);
    }
    expect(tally.failures).toEqual([]);
    expect(tally.ends).toEqual(endsOfEstimator);
  });
});

describe.skipIf(tarball === undefined)('the state tests of Osaka', () => {
  const programs = new Map<string, Program>();
  const lowered = (code: Uint8Array): Program => {
    const key = hex(code);
    const program = programs.get(key) ?? compileEvm(code);
    programs.set(key, program);
    return program;
  };

  it('agree with @ethereumjs/evm and with the state afterwards', async () => {
    const tally = new Tally();
    for (const [name, test] of stateTests(tarball!)) {
      for (const one of casesOf(test, 'Osaka')) {
        if ('apart' in one) {
          tally.add(`apart: ${one.apart}`);
          continue;
        }
        const { call } = one;
        const outcome = await tally.compare(name, lowered(call.code), call);
        if (outcome.status === 'unsupported') continue;
        const gas = call.gas - outcome.gasLeft;
        const after = canonicalState(stateAfter(call, gas, outcome.status === 'returned'));
        const expected = canonicalState(call.post!);
        if (after.join() !== expected.join()) tally.failures.push(`${name}: another state`);
      }
    }
    expect(tally.failures).toEqual([]);
    expect(tally.ends).toEqual(endsOfStateTests);
  });

  it('have other contracts that agree with @ethereumjs/evm too', async () => {
    const tally = new Tally();
    for (const [key, call] of otherContracts(tarball!)) {
      const program = lowered(call.code);
      const { gasLeft } = await tally.compare(key, program, call);
      const used = call.gas - gasLeft;
      for (const gas of [used, used - 1n, used / 2n]) {
        if (gas >= 0n) await tally.compare(key, program, { ...call, gas });
      }
    }
    expect(tally.failures).toEqual([]);
    expect(tally.ends).toEqual(endsOfCallees);
  });
});

/** How many runs came to each end, and which differed from the reference. */
class Tally {
  readonly ends: Record<string, number> = {};
  readonly failures: string[] = [];

  add(end: string): void {
    this.ends[end] = (this.ends[end] ?? 0) + 1;
  }

  /** Runs a call here and there. */
  async compare(name: string, program: Program, call: Runnable): Promise<EvmOutcome> {
    const { code, gas, data, environment } = call;
    const outcome = run(program, call);
    this.add(endOf(outcome));
    const expected = await runReference(reference, code, gas, data, environment);
    // A run that ends early has nothing to compare but where.
    const isCut = outcome.status === 'unsupported';
    const got = isCut ? `${outcome.reason}` : `${outcome.gasLeft} ${hex(outcome.output)}`;
    const wanted = isCut ? expected.detail : `${expected.gasLeft} ${hex(expected.output)}`;
    if (outcome.status !== expected.status || got !== wanted) {
      const full = `${expected.status} ${expected.detail} ${wanted}`;
      this.failures.push(`${name}, gas ${gas}: ${outcome.status} ${got}, expected ${full}`);
    }
    return outcome;
  }
}

function run(program: Program, { gas, data, environment }: Runnable): EvmOutcome {
  return runEvm(program, { gas, data, environment }, MAX_STEPS);
}

/** The status, or the opcode that is not supported. */
function endOf({ status, reason }: EvmOutcome): string {
  if (status !== 'unsupported') return status;
  return opcodeOf[reason]?.name ?? reasonText('evm', status, reason);
}

function* contractCalls(
  path: string,
): Generator<{ file: string; call: ContractCall; result: ReferenceResult }> {
  const groups: Record<string, string | Record<string, readonly ReferenceResult[]>> = JSON.parse(
    readFileSync(path, 'utf8'),
  );
  for (const [group, files] of Object.entries(groups)) {
    if (typeof files === 'string') continue; // how the file was made
    for (const [name, expected] of Object.entries(files)) {
      const file = `${group}/${name}`;
      const full = join(dirname(path), file);
      if (!existsSync(full)) continue; // results without the contract: derived/evm-bench
      const tests: Record<string, StateTest> = JSON.parse(readFileSync(full, 'utf8'));
      const cases = Object.values(tests).flatMap((test) => casesOf(test, expected[0]!.fork));
      expect(cases, file).toHaveLength(expected.length);
      for (const [i, one] of cases.entries()) {
        if ('apart' in one) throw new Error(`${file}: ${one.apart}`);
        yield { file, call: one.call, result: expected[i]! };
      }
    }
  }
}

function* stateTests(path: string): Generator<[string, StateTest]> {
  for (const [file, content] of readTarball(path)) {
    if (!file.endsWith('.json')) continue;
    const tests: Record<string, StateTest> = JSON.parse(new TextDecoder().decode(content));
    yield* Object.entries(tests);
  }
}

/** Code of accounts that no transaction calls, with the last call of its test for each call data. */
function otherContracts(path: string): ReadonlyMap<string, Runnable> {
  const contracts = new Map<string, Runnable>();
  for (const [, test] of stateTests(path)) {
    for (const one of casesOf(test, 'Osaka')) {
      if ('apart' in one) continue;
      const { call } = one;
      for (const [address, { code }] of Object.entries(call.pre)) {
        if (code === '0x' || address === call.to) continue;
        const environment = { ...call.environment, address: BigInt(address) };
        const key = `${code} ${hex(call.data)}`;
        contracts.set(key, { ...call, code: bytesOf(code), environment });
      }
    }
  }
  return contracts;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** How each call of a contract ends, in the order of the file. */
const endsOfContracts: Readonly<Record<string, string>> = {
  'derived/revm-bench/analysis.json': 'KECCAK256',
  'derived/revm-bench/burntpix_1.json': 'CREATE',
  'derived/revm-bench/burntpix_100.json': 'CREATE',
  'derived/revm-bench/snailtracer.json': 'SSTORE',
  'evm-benchmarks/main/blake2b_huff.json': 'returned, returned',
  'evm-benchmarks/main/blake2b_shifts.json': 'returned',
  'evm-benchmarks/main/sha1_divs.json': 'returned, returned',
  'evm-benchmarks/main/sha1_shifts.json': 'returned, returned',
  'evm-benchmarks/main/snailtracer.json': 'SSTORE',
  'evm-benchmarks/main/structarray_alloc.json': 'returned',
  'evm-benchmarks/main/swap_math.json': 'returned, returned, returned',
  'evm-benchmarks/main/weierstrudel.json': 'returned, returned',
  'evm-benchmarks/micro/JUMPDEST_n0.json': 'returned',
  'evm-benchmarks/micro/jump_around.json': 'returned',
  'evm-benchmarks/micro/loop_with_many_jumpdests.json': 'returned',
  'evm-benchmarks/micro/memory_grow_mload.json': 'returned, returned, returned, returned',
  'evm-benchmarks/micro/memory_grow_mstore.json': 'returned, returned, returned, returned',
  'evm-benchmarks/micro/signextend.json': 'returned, returned',
  'revmc-data/airdrop.json': 'SLOAD',
  'revmc-data/bswap64.json': 'returned',
  'revmc-data/bswap64_opt.json': 'returned',
  'revmc-data/burntpix.json': 'CREATE',
  'revmc-data/counter.json': 'SLOAD',
  'revmc-data/curve-stableswap-2pool.json': 'SLOAD',
  'revmc-data/eip2935.json': 'SLOAD',
  'revmc-data/eip4788.json': 'SLOAD',
  'revmc-data/erc20_transfer.json': 'SLOAD',
  'revmc-data/factorial.json': 'returned',
  'revmc-data/fiat_token.json': 'SLOAD',
  'revmc-data/fibonacci-calldata.json': 'returned',
  'revmc-data/hash_10k.json': 'KECCAK256',
  'revmc-data/onchain-lm-v2.json': 'SLOAD',
  'revmc-data/push0_proxy.json': 'DELEGATECALL',
  'revmc-data/seaport.json': 'KECCAK256',
  'revmc-data/snailtracer.json': 'SSTORE',
  'revmc-data/uniswap_v2_pair.json': 'SLOAD',
  'revmc-data/univ2_router.json': 'returned',
  'revmc-data/usdc_proxy.json': 'SLOAD',
  'revmc-data/weth.json': 'KECCAK256',
};

const endsOfEstimator: Readonly<Record<string, number>> = {
  returned: 121,
  CREATE: 9,
  CALL: 1,
  KECCAK256: 1,
  LOG0: 1,
  LOG1: 1,
  LOG2: 1,
  LOG3: 1,
  LOG4: 1,
  SELFBALANCE: 1,
  SLOAD: 1,
  SSTORE: 1,
};

const endsOfStateTests: Readonly<Record<string, number>> = {
  invalid: 54,
  outOfGas: 56,
  returned: 45,
  CALL: 2298,
  SSTORE: 1208,
  CALLCODE: 426,
  STATICCALL: 335,
  CREATE: 197,
  DELEGATECALL: 179,
  BALANCE: 141,
  TSTORE: 69,
  SLOAD: 61,
  EXTCODESIZE: 59,
  CREATE2: 49,
  EXTCODECOPY: 38,
  KECCAK256: 28,
  SELFDESTRUCT: 20,
  EXTCODEHASH: 17,
  LOG1: 6,
  LOG2: 3,
  LOG4: 3,
  LOG0: 2,
  LOG3: 2,
  SELFBALANCE: 2,
  TLOAD: 1,
  'apart: calls delegated code': 1,
  'apart: calls no code': 25,
  'apart: carries blobs': 25,
  'apart: creates a contract': 627,
  'apart: is no valid transaction': 238,
  'apart: sets code': 256,
};

const endsOfCallees: Readonly<Record<string, number>> = {
  invalid: 2320,
  outOfGas: 12846,
  returned: 1568,
  reverted: 62,
  SSTORE: 4171,
  CALL: 1341,
  SLOAD: 847,
  STATICCALL: 741,
  CALLCODE: 707,
  DELEGATECALL: 589,
  SELFDESTRUCT: 369,
  CREATE2: 263,
  LOG4: 231,
  CREATE: 195,
  LOG2: 189,
  EXTCODESIZE: 183,
  LOG0: 153,
  TLOAD: 101,
  TSTORE: 71,
  BLOCKHASH: 59,
  KECCAK256: 47,
  SELFBALANCE: 29,
  LOG1: 27,
  LOG3: 27,
  EXTCODEHASH: 25,
  BALANCE: 15,
  EXTCODECOPY: 5,
};
