/**
 * The demo: a Solidity contract and a C program, compiled, run, proven at 100 bits and verified; then a
 * proof with one bit flipped, refused. `npm run demo`, from the root of the repository.
 *
 * What a run returns is compared with the same computation in plain TypeScript, and the verifier is told to
 * expect that value, on a program that it lowers for itself. Exits with 1 if anything is not as it should.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  compileEvm,
  compileWasm,
  type Program,
  prove,
  type Rejection,
  type Request,
  type TraceSize,
  verify,
} from 'braid-zkvm';
import { compileSolidity, decodeWords, encodeCall, fromHex, toHex } from './evm/solidity.ts';
import { compileC } from './wasm/clang.ts';

interface Example {
  readonly source: string;
  /** Function and arguments. */
  readonly call: string;
  /** Lowers the compiled source; prover and verifier do so each for itself. */
  readonly lower: () => Program;
  readonly request: Request;
  /** What plain TypeScript says the output is. */
  readonly expected: Uint8Array;
  /** The output in the terms of the source. */
  readonly show: (output: Uint8Array) => string;
}

/** The first digits of the square root of 2, by Newton's method on 256-bit words. */
function solidityExample(): Example {
  const source = 'examples/evm/Numerics.sol';
  const contract = compileSolidity(readFileSync(source, 'utf8'), 'Numerics');
  const x = 2n * 10n ** 76n;
  return {
    source,
    call: `squareRoot(${x})`,
    lower: () => compileEvm(contract.code),
    request: { calldata: encodeCall(contract, 'squareRoot(uint256)', [x]) },
    expected: fromHex(squareRoot(x).toString(16).padStart(64, '0')),
    show: (output) => String(decodeWords(output)[0]),
  };
}

/** Greatest integer whose square is at most x, by halving. */
function squareRoot(x: bigint): bigint {
  let [low, high] = [0n, x + 1n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle * middle <= x) low = middle;
    else high = middle;
  }
  return low;
}

/** The hash of a text, which is public input; as `sha256_private` the text would be the prover's alone. */
async function cExample(): Promise<Example> {
  const source = 'examples/wasm/demo.c';
  const binary = await compileC(source);
  const text =
    'Two threads of unlike fibre, laid side by side and crossed again and again, hold better than either.';
  const input = new TextEncoder().encode(text);
  return {
    source,
    call: `sha256() of '${text}'`,
    lower: () => compileWasm(binary),
    request: { invoke: 'sha256', input },
    expected: Uint8Array.from(createHash('sha256').update(input).digest()),
    show: toHex,
  };
}

function line(name: string, value: string): void {
  console.log(`  ${name.padEnd(12)}${value}`);
}

function require(condition: boolean, complaint: string): asserts condition {
  if (!condition) throw new Error(complaint);
}

/** Proves and verifies one example and prints what came of it. */
async function demonstrate(example: Example): Promise<{ proof: Uint8Array; program: Program }> {
  const { source, call, request, expected, show } = example;
  console.log(`\n${source}: ${call}`);

  const started = performance.now();
  const { execution, proof, size } = await prove(example.lower(), request);
  const seconds = (performance.now() - started) / 1000;
  require(execution.status === 'returned', `the guest ended with status ${execution.status}`);
  line('result', show(execution.output));
  require(toHex(execution.output) === toHex(expected), `TypeScript says ${show(expected)}`);
  line('', 'as plain TypeScript computes it');
  line('run', `${count(execution.steps)} steps`);
  line('trace', describeSize(size));
  line('proof', `${count(proof.length)} bytes in ${seconds.toFixed(2)} s`);

  const program = example.lower();
  const verifying = performance.now();
  const verdict = await verify(proof, {
    program,
    expect: { status: 'returned', output: expected },
  });
  const milliseconds = performance.now() - verifying;
  if (!verdict.ok) throw new Error(`refused: ${describe(verdict.rejection)}`);
  const bits = `${verdict.provenBits.toFixed(1)} proven bits (${verdict.profile})`;
  line('verified', `in ${milliseconds.toFixed(0)} ms, ${bits}`);
  return { proof, program };
}

function describeSize({ rows, cells, paddedCells }: TraceSize): string {
  return `${count(rows)} rows, ${count(cells)} cells (${count(paddedCells)} with padding)`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function describe({ code, ...details }: Rejection): string {
  return [code, ...Object.entries(details).map(([name, value]) => `${name} ${value}`)].join(', ');
}

/** Flips one bit in the middle of the proof, which the verifier must notice. */
async function tamper(proof: Uint8Array, program: Program): Promise<void> {
  const spoiled = proof.slice();
  const at = spoiled.length >> 1;
  spoiled[at] = spoiled[at]! ^ 1;
  const verdict = await verify(spoiled, { program });
  if (verdict.ok) throw new Error(`accepted, with a bit of byte ${at} flipped`);
  console.log(`\nThe same proof with one bit of byte ${count(at)} flipped`);
  line('refused', describe(verdict.rejection));
}

try {
  const { proof, program } = await demonstrate(solidityExample());
  await demonstrate(await cExample());
  await tamper(proof, program);
} catch (error) {
  console.error(`\nFAILED: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
