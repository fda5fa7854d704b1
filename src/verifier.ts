/**
 * The verifier: proof and program in, verdict out. Loads neither prover nor interpreter.
 *
 * The program must be the verifier's own lowering of the source; compiling is deterministic. A verdict
 * says what was proven; what the caller expects of it is compared as part of verifying.
 */

import type { EvmEnvironment } from './frontends/evm/environment.ts';
import { unitDigest } from './isa/digests.ts';
import type { Program } from './isa/program.ts';
import { decodeStatement, instanceOf, type Statement } from './isa/statement.ts';
import { type Asked, askedBy, type Result, resultOf } from './request.ts';
import { readContainer } from './stark/codec.ts';
import type { ProfileName } from './stark/parameters.ts';
import type { Rejection } from './stark/rejection.ts';
import { acceptProfile, verifyBody } from './stark/verifier.ts';

/** What a proof says. */
export interface ProvenStatement extends Asked, Result {
  /** 32 bytes over the linked program, and over each unit in link order: the runtime first. */
  readonly programDigest: Uint8Array;
  readonly unitDigests: readonly Uint8Array[];
  readonly vm: Program['vm'];
}

/**
 * What must match; what is left out is not compared. Of `environment` each field that is given: a proof holds
 * for one caller, value and block only, so whoever relies on them names them here.
 */
export type Expectation = Partial<
  Pick<
    ProvenStatement,
    | 'invoked'
    | 'arguments'
    | 'input'
    | 'gasLimit'
    | 'status'
    | 'reason'
    | 'results'
    | 'output'
    | 'gasUsed'
  >
> & { readonly environment?: EvmEnvironment };

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
  const asked = askedBy(program, decoded.value.call);
  if (!asked.ok) return asked;
  const statement = describe(program, decoded.value, asked.value);
  const different = compare(statement, options.expect ?? {});
  if (different) return { ok: false, rejection: different };
  const verdict = verifyBody(instanceOf(program, decoded.value), profile, body);
  if (!verdict.ok) return verdict;
  return { ...verdict, statement, profile: profile.name };
}

function describe(
  program: Program,
  { programDigest, call, outcome }: Statement,
  asked: Asked,
): ProvenStatement {
  return {
    ...asked,
    ...resultOf(call, outcome),
    programDigest,
    unitDigests: program.units.map(({ unit }) => unitDigest(unit)),
    vm: program.vm,
  };
}

function compare(statement: ProvenStatement, expected: Expectation): Rejection | undefined {
  const { environment, ...others } = expected;
  return (
    compareFields('', others, statement) ??
    compareFields('environment.', environment ?? {}, statement.environment ?? {})
  );
}

/** The first field of `expected` that differs; a field that the other side lacks does. */
function compareFields(prefix: string, expected: object, actual: object): Rejection | undefined {
  const values = new Map<string, unknown>(Object.entries(actual));
  for (const [name, want] of Object.entries(expected)) {
    if (want === undefined) continue;
    const got = values.get(name);
    if (isSame(want, got)) continue;
    const where = `${prefix}${name}`;
    return { code: 'mismatch', where, expected: text(want), got: text(got) };
  }
  return undefined;
}

function isSame(left: unknown, right: unknown): boolean {
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    return left.length === right.length && left.every((byte, i) => byte === right[i]);
  }
  if (left instanceof Uint8Array || right instanceof Uint8Array) return false;
  return text(left) === text(right);
}

/** Bytes of a value that a message repeats. */
const SHOWN_BYTES = 64;

/** A value in a message; the whole value unless it is bytes. */
function text(value: unknown): string {
  if (value instanceof Uint8Array) {
    const digits = Array.from(value.subarray(0, SHOWN_BYTES), (byte) =>
      byte.toString(16).padStart(2, '0'),
    );
    const rest = value.length > SHOWN_BYTES ? `… of ${value.length} bytes` : '';
    return `0x${digits.join('')}${rest}`;
  }
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}
