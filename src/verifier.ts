/**
 * The verifier: proof and program in, verdict out. Loads neither prover nor interpreter.
 *
 * The program must be the verifier's own lowering of the source; compiling is deterministic. A verdict
 * says what was proven; what the caller expects of it is compared as part of verifying.
 */

import { unitDigest } from './isa/digests.ts';
import type { Program } from './isa/program.ts';
import { decodeStatement, instanceOf, type Statement } from './isa/statement.ts';
import { type Result, resultOf } from './request.ts';
import { readContainer } from './stark/codec.ts';
import type { ProfileName } from './stark/parameters.ts';
import type { Rejection } from './stark/rejection.ts';
import { acceptProfile, verifyBody } from './stark/verifier.ts';

/** What a proof says. */
export interface ProvenStatement extends Result {
  /** 32 bytes over the linked program, and over each unit in link order: the runtime first. */
  readonly programDigest: Uint8Array;
  readonly unitDigests: readonly Uint8Array[];
  readonly vm: Program['vm'];
  /** Wasm: the exported function. */
  readonly invoked?: string;
  /** Wasm: its arguments, unsigned. */
  readonly arguments?: readonly bigint[];
  /** Wasm: the public input. EVM: the call data. */
  readonly input: Uint8Array;
  /** EVM: the gas limit. */
  readonly gasLimit: bigint;
}

/** What must match; what is left out is not compared. */
export type Expectation = Partial<
  Pick<
    ProvenStatement,
    'invoked' | 'arguments' | 'input' | 'gasLimit' | 'status' | 'results' | 'output'
  >
>;

export interface VerifyOptions {
  readonly program: Program;
  /** The only profile to accept. If left out P100 and P128 are; `test` is accepted if named only. */
  readonly profile?: ProfileName;
  readonly expect?: Expectation;
}

export type Verification =
  | {
      readonly ok: true;
      readonly statement: ProvenStatement;
      readonly profile: ProfileName;
      /** Provable bits of security of this very proof, its heights and widths. */
      readonly provenBits: number;
      /** The round of the protocol that has the least. */
      readonly bindingRound: string;
    }
  | { readonly ok: false; readonly rejection: Rejection };

/** Verifies a proof. Any bytes are accepted or refused with a reason; none make it throw. */
export async function verify(proof: Uint8Array, options: VerifyOptions): Promise<Verification> {
  const { program } = options;
  const container = readContainer(proof);
  if (!container.ok) return container;
  const { profile, statement: encoded, body } = container.value;
  const profileOptions = options.profile === undefined ? {} : { profile: options.profile };
  const accepted = acceptProfile(profile, profileOptions);
  if (!accepted.ok) return accepted;
  const decoded = decodeStatement(program, encoded);
  if (!decoded.ok) return decoded;
  const statement = describe(program, decoded.value);
  const different = compare(statement, options.expect ?? {});
  if (different) return { ok: false, rejection: different };
  const verdict = verifyBody(instanceOf(program, decoded.value), profile, body);
  if (!verdict.ok) return verdict;
  return { ...verdict, statement, profile: profile.name };
}

function describe(program: Program, { programDigest, call, outcome }: Statement): ProvenStatement {
  const isWasm = program.vm === 'wasm';
  return {
    ...resultOf(call, outcome),
    programDigest,
    unitDigests: program.units.map(({ unit }) => unitDigest(unit)),
    vm: program.vm,
    ...(isWasm ? { invoked: program.exports[call.exportNumber]?.name ?? '' } : {}),
    ...(isWasm ? { arguments: call.arguments } : {}),
    input: call.input,
    gasLimit: call.gasLimit,
  };
}

function compare(statement: ProvenStatement, expected: Expectation): Rejection | undefined {
  for (const where of Object.keys(expected) as (keyof Expectation)[]) {
    const want = expected[where];
    if (want === undefined) continue;
    const [wanted, got] = [text(want), text(statement[where])];
    if (wanted !== got) return { code: 'mismatch', where, expected: wanted, got };
  }
  return undefined;
}

function text(value: unknown): string {
  if (value instanceof Uint8Array) {
    return `0x${Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  }
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}
