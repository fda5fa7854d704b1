/**
 * Why a proof is refused: values, never exceptions. Every reading and checking function of the verifier returns
 * `Checked<T>`; a misuse by the caller throws, hostile bytes never do.
 */

export type Rejection =
  /** The bytes are not an encoding: too short, too long, or a part of the wrong length. */
  | {
      readonly code: 'truncated';
      readonly where: string;
      readonly expected: number;
      readonly got: number;
    }
  | { readonly code: 'left-over'; readonly where: string; readonly got: number }
  | {
      readonly code: 'wrong-length';
      readonly where: string;
      readonly expected: number;
      readonly got: number;
    }
  /** A value with more than one encoding, or outside its range. */
  | { readonly code: 'not-canonical'; readonly where: string; readonly got: number }
  | {
      readonly code: 'out-of-range';
      readonly where: string;
      readonly least: number;
      readonly greatest: number;
      readonly got: number;
    }
  /** A statement, profile, version or key that is not the one the verifier was given. */
  | {
      readonly code: 'mismatch';
      readonly where: string;
      readonly expected: string;
      readonly got: string;
    }
  | { readonly code: 'bad-root'; readonly where: string }
  | { readonly code: 'bad-nonce'; readonly where: string }
  /** The out-of-domain point fell on a domain or on its own conjugate. Probability below 2^-60. */
  | { readonly code: 'bad-point'; readonly where: string }
  | { readonly code: 'constraints'; readonly where: string }
  | { readonly code: 'bus-balance'; readonly where: string }
  | { readonly code: 'fri-word'; readonly layer: number; readonly index: number }
  | { readonly code: 'fri-final'; readonly index: number }
  | {
      readonly code: 'too-weak';
      readonly where: string;
      readonly expected: number;
      readonly got: number;
    };

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rejection: Rejection };

/** The value of an accepted part. */
export function accept<T>(value: T): Checked<T> {
  return { ok: true, value };
}

/** The reason of a refusal. */
export function refuse(rejection: Rejection): {
  readonly ok: false;
  readonly rejection: Rejection;
} {
  return { ok: false, rejection };
}
