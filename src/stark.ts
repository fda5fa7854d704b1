/** `braid-zkvm/stark`: the proof system, for any machine described as chips. */

export { type CheckResult, checkTrace, formatFailure } from './stark/air/check.ts';
export {
  type Bus,
  ChipBuilder,
  type ChipDescription,
  type Constraint,
  cellsPerRow,
  type Interaction,
} from './stark/air/chip.ts';
export * as expressions from './stark/air/expr.ts';
export { type Profile, type ProfileName, profiles, securityBits } from './stark/parameters.ts';
export { type PhaseReport, type ProveOptions, proveInstance } from './stark/prover.ts';
export type { Rejection } from './stark/rejection.ts';
export type { Instance, PublicTerm, System, Trace, TraceTable } from './stark/system.ts';
export { type Verdict, verifyBody, verifyInstance } from './stark/verifier.ts';
