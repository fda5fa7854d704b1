/**
 * Security profiles, and the calculator that says what they are worth. spec/7-proof-system.md, "Security".
 *
 * A profile is the only source of queries, blowup, extension and grinding bits. The calculator takes the least of the
 * round-by-round errors of the interactive protocol, grinding added to the round it precedes: provable bits in the
 * unique decoding regime (BCHKS25, ePrint 2025/2055; ethereum/soundcalc), no conjecture. The regime up to the Johnson
 * bound is there to be compared with.
 */
import { degree6 } from './field/degree6.ts';
import type { ExtensionField } from './field/extension.ts';
import { MODULUS } from './field/m31.ts';
import { qm31 } from './field/qm31.ts';
import { friShape } from './fri/shape.ts';
import type { GrindBits } from './hash/schedule.ts';

export type ProfileName = 'P100' | 'P128' | 'test';

export interface Profile {
  readonly name: ProfileName;
  readonly field: ExtensionField;
  readonly logBlowup: number;
  readonly queries: number;
  readonly grind: GrindBits;
  /** What `verify` demands of the calculator; 0 for `test`, which `verify` takes only if the caller names it. */
  readonly bits: number;
}

const noGrinding: GrindBits = { logup: 0, outOfDomain: 0, batch: 0, fold: 0, query: 0 };

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  /** 100.9 bits up to 2^22 rows, 2^27 lookups of width 46, 8192 columns and constraints. */
  P100: {
    name: 'P100',
    field: qm31,
    logBlowup: 1,
    queries: 195,
    grind: { logup: 12, outOfDomain: 4, batch: 12, fold: 4, query: 20 },
    bits: 100,
  },
  /** 128.3 bits for the same, of which the 256-bit hash lets 128 stand. */
  P128: {
    name: 'P128',
    field: degree6,
    logBlowup: 1,
    queries: 261,
    grind: { ...noGrinding, query: 20 },
    bits: 128,
  },
  /** As P100 with few queries: quick, and worth nothing. */
  test: {
    name: 'test',
    field: qm31,
    logBlowup: 1,
    queries: 8,
    grind: noGrinding,
    bits: 0,
  },
};

/** What the calculator must know of a proof's shape, computed from the verifying key and the claimed heights. */
export interface ProofSize {
  /** log2 of the rows of the tallest table. */
  readonly logRows: number;
  /** For each bus: fractions in all (rows times messages, and public ones), and message width with the bus id. */
  readonly lookups: readonly { readonly fractions: number; readonly width: number }[];
  readonly constraints: number;
  /** Greatest degree of a constraint. */
  readonly degree: number;
  /** Batched functions: columns times opened points. */
  readonly batched: number;
}

export type Round = 'logup' | 'constraints' | 'deep' | 'batch' | 'fold' | 'query';

export interface SecurityReport {
  /** Bits of each round. */
  readonly rounds: Readonly<Record<Round, number>>;
  /** The least of them, and at most the 128 bits that a 256-bit hash allows; 0 if a precondition fails. */
  readonly bits: number;
  /** What the bits are limited by. */
  readonly binding: Round | 'hash' | 'rate' | 'degree' | 'multiplicity';
}

/** Everything that enters the formulas: for outside systems too, whose published numbers are the calculator's tests. */
export interface Instance extends ProofSize {
  /** log2 of the number of elements of the challenge field. */
  readonly logOrder: number;
  readonly logBlowup: number;
  readonly queries: number;
  readonly grind: GrindBits;
  /** log2 of the arity of each fold. */
  readonly foldBits: readonly number[];
}

/** Half the distance, or up to the Johnson bound with parameter m >= 1. */
export type Regime = 'unique' | { readonly johnson: number };

/** Offsets at which a column is opened. */
const OPENED_OFFSETS = 2;

/** Bits of collision resistance of a 256-bit hash. */
const HASH_BITS = 128;

/** Bits of every round. The formulas are those of spec/7-proof-system.md, "Security"; all in powers of two. */
export function roundBits(instance: Instance, regime: Regime): Record<Round, number> {
  const { logOrder, grind, queries, constraints, degree, batched } = instance;
  const rows = 2 ** instance.logRows;
  const length = rows * 2 ** instance.logBlowup;
  const { agreement, listSize, linear } = decoding(instance, regime);
  const lookupTerms = instance.lookups.reduce(
    (sum, { fractions, width }) => sum + fractions * (width + 2),
    0,
  );
  let wordLength = length;
  let fold = Number.POSITIVE_INFINITY;
  for (const bits of instance.foldBits) {
    // Folding by the powers of one challenge: arity - 1 times the error of a line.
    wordLength /= 2 ** bits;
    fold = Math.min(fold, logOrder - Math.log2((2 ** bits - 1) * linear(wordLength)));
  }
  // The order less the rows and the domain, as the order times a factor next to 1.
  const logOutside = logOrder + Math.log2(1 - (rows + length) / 2 ** logOrder);
  return {
    logup: logOrder - Math.log2(listSize * lookupTerms) + grind.logup,
    constraints: logOrder - Math.log2(listSize * constraints),
    deep:
      logOutside -
      Math.log2(listSize * (degree * (rows + OPENED_OFFSETS + 1) + rows)) +
      grind.outOfDomain,
    batch: logOrder - Math.log2((batched - 1) * linear(length)) + grind.batch,
    fold: fold + grind.fold,
    query: -queries * Math.log2(agreement) + grind.query,
  };
}

/**
 * What a regime says: the agreement 1 - theta a word must have with the code, the size of its list, and the numerator
 * of the error of a random line of words of a length.
 */
function decoding(instance: Instance, regime: Regime) {
  const rows = 2 ** instance.logRows;
  const length = rows * 2 ** instance.logBlowup;
  if (regime === 'unique') {
    // The circle code has dimension N + 1, the pair quotient adds 2.
    const theta = (1 - (rows + 3) / length) / 2;
    return { agreement: 1 - theta, listSize: 1, linear: (words: number) => theta * words + 1 };
  }
  const m = regime.johnson;
  const rate = 2 ** -instance.logBlowup;
  const root = Math.sqrt(rate);
  const agreement = root * (1 + 1 / (2 * m));
  const theta = 1 - agreement;
  const half = m + 0.5;
  // BCHKS25, theorems 1.5 and 4.2.
  const linear = (words: number) =>
    ((2 * half ** 5 + 3 * half * theta * rate) * words) / (3 * rate ** 1.5) + half / root;
  return { agreement, listSize: half / root, linear };
}

/** The least round, the hash, and the preconditions without which the formulas say nothing. */
export function reportSecurity(instance: Instance, regime: Regime): SecurityReport {
  const rounds = roundBits(instance, regime);
  const rows = 2 ** instance.logRows;
  const blowup = 2 ** instance.logBlowup;
  const { agreement } = decoding(instance, regime);
  const fail = (binding: SecurityReport['binding']) => ({ rounds, bits: 0, binding });
  // A distance above 0, and no agreement of that size by degree alone.
  const isSparse = agreement < 1 && rows + OPENED_OFFSETS < agreement * rows * blowup;
  if (!isSparse) return fail('rate');
  if (!(blowup >= instance.degree - 1)) return fail('degree');
  if (instance.lookups.some(({ fractions }) => !(fractions < MODULUS))) return fail('multiplicity');
  let bits = HASH_BITS;
  let binding: SecurityReport['binding'] = 'hash';
  for (const round of ['logup', 'constraints', 'deep', 'batch', 'fold', 'query'] as const) {
    if (!(rounds[round] >= bits)) {
      bits = rounds[round];
      binding = round;
    }
  }
  return { rounds, bits: Math.max(0, bits), binding };
}

/** What a proof of this size is worth under a profile, in the unique decoding regime. Never throws on claimed sizes. */
export function securityBits(profile: Profile, size: ProofSize): SecurityReport {
  const { field, logBlowup, queries, grind } = profile;
  const { foldBits } = friShape(size.logRows, logBlowup);
  const logOrder = field.degree * Math.log2(MODULUS);
  return reportSecurity({ ...size, logOrder, logBlowup, queries, grind, foldBits }, 'unique');
}
