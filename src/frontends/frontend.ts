/**
 * The contract of a frontend: source bytes in, linked program out.
 *
 * A frontend is a pure function of its source and its options: the verifier calls it too, so the same
 * bytes must give the same program everywhere. What it cannot compile it refuses with a `CompileError`;
 * it never guesses, and it never lets the run fail for something that the source bytes already show.
 */

import type { Program } from '../isa/program.ts';

/**
 * Why a source is refused. `malformed`: not a source of this kind at all. `invalid`: well formed, but
 * against the rules of the source language. `unsupported`: correct, but it needs a feature that this
 * frontend does not have (yet).
 */
export type CompileErrorKind = 'malformed' | 'invalid' | 'unsupported';

export class CompileError extends Error {
  override readonly name = 'CompileError';
  readonly kind: CompileErrorKind;
  /** The feature that is missing, or the rule that is broken. */
  readonly feature: string;
  /** Byte offset in the source at which it shows. */
  readonly offset: number;

  constructor(kind: CompileErrorKind, feature: string, offset: number) {
    super(`${kind} at byte ${offset}: ${feature}`);
    this.kind = kind;
    this.feature = feature;
    this.offset = offset;
  }
}

/** What a frontend exports as its entry. `name` and `version` are part of the digest of its units. */
export interface Frontend<Options> {
  readonly name: string;
  /** Grows with every change of the lowered code, so that digests name what was proven. */
  readonly version: number;
  /** Throws `CompileError` for a source that it refuses. */
  readonly compile: (source: Uint8Array, options?: Options) => Program;
}
