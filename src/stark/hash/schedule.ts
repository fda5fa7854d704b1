/**
 * The normative order of the transcript, as data that prover and verifier walk. spec/7-proof-system.md, "Transcript".
 *
 * The classical failure is a challenge that does not depend on a part of statement or proof. Here a walk refuses any
 * step but the next one, so no challenge can be drawn before what it must depend on is absorbed.
 */
import type { Ext, ExtensionField } from '../field/extension.ts';
import type { Transcript } from './transcript.ts';

/** Where grinding makes an attempt dearer; the bits of each are in the profile. */
export type GrindSite = 'logup' | 'outOfDomain' | 'batch' | 'fold' | 'query';

/** Grinding bits at each site. */
export type GrindBits = Readonly<Record<GrindSite, number>>;

export type AbsorbName =
  /** Tag, version and profile. */
  | 'protocol'
  /** Digest of the verifying key. */
  | 'key'
  /** The public statement, with the digest of all that fixed columns are computed from. */
  | 'statement'
  /** Which tables are there, and their log heights. */
  | 'shape'
  | 'mainRoot'
  | 'claimedSums'
  | 'interactionRoot'
  | 'compositionRoot'
  /** All values at zeta and zeta + g. */
  | 'openedValues'
  | `friRoot${number}`
  | 'finalCoefficients';

export type ChallengeName =
  /** alpha and beta: fingerprints of bus messages. */
  | 'alpha'
  | 'beta'
  /** Combines the constraints. */
  | 'gamma'
  /** Parameter of the out-of-domain point. */
  | 'zeta'
  /** Combines the quotients to one word. */
  | 'delta'
  /** lambda folds a word of FRI. */
  | `lambda${number}`;

export type GrindName = 'logup' | 'outOfDomain' | 'batch' | `fold${number}` | 'query';

export type Step =
  | { readonly kind: 'absorb'; readonly name: AbsorbName }
  | { readonly kind: 'challenge'; readonly name: ChallengeName }
  | { readonly kind: 'grind'; readonly name: GrindName; readonly site: GrindSite }
  | { readonly kind: 'indices'; readonly name: 'queries' };

const absorb = (name: AbsorbName): Step => ({ kind: 'absorb', name });
const challenge = (name: ChallengeName): Step => ({ kind: 'challenge', name });
const grind = (name: GrindName, site: GrindSite): Step => ({ kind: 'grind', name, site });

/** The whole order for a proof with `foldCount` FRI commitments. */
export function proofSchedule(foldCount: number): readonly Step[] {
  return [
    absorb('protocol'),
    absorb('key'),
    absorb('statement'),
    absorb('shape'),
    absorb('mainRoot'),
    grind('logup', 'logup'),
    challenge('alpha'),
    challenge('beta'),
    absorb('claimedSums'),
    absorb('interactionRoot'),
    challenge('gamma'),
    absorb('compositionRoot'),
    grind('outOfDomain', 'outOfDomain'),
    challenge('zeta'),
    absorb('openedValues'),
    grind('batch', 'batch'),
    challenge('delta'),
    ...friSchedule(foldCount),
  ];
}

/** Its end, FRI and the queries: FRI can be walked alone. */
export function friSchedule(foldCount: number): readonly Step[] {
  const folds = Array.from({ length: foldCount }, (_, layer) => [
    absorb(`friRoot${layer}`),
    grind(`fold${layer}`, 'fold'),
    challenge(`lambda${layer}`),
  ]);
  return [
    ...folds.flat(),
    absorb('finalCoefficients'),
    grind('query', 'query'),
    { kind: 'indices', name: 'queries' },
  ];
}

/** One pass over a schedule. Every method throws an Error when its step is not the next one. */
export interface Walk {
  absorb(name: AbsorbName, payload: Uint8Array): void;
  challenge(name: ChallengeName): Ext;
  /** Prover: finds the nonce. */
  grind(name: GrindName): number;
  /** Verifier: false if the nonce is wrong, and then the walk must not go on. */
  checkGrind(name: GrindName, nonce: number): boolean;
  indices(name: 'queries', count: number, logSize: number): Uint32Array;
  /** Throws unless every step was taken. */
  finish(): void;
}

export function walkSchedule(
  steps: readonly Step[],
  transcript: Transcript,
  field: ExtensionField,
  bits: GrindBits,
): Walk {
  let position = 0;

  function take<Kind extends Step['kind']>(
    kind: Kind,
    name: string,
  ): Extract<Step, { kind: Kind }> {
    const step = steps[position];
    if (!isStep(step, kind) || step.name !== name) {
      const expected = step === undefined ? 'the end' : `${step.kind} ${step.name}`;
      throw new Error(`transcript step ${position}: expected ${expected}, got ${kind} ${name}`);
    }
    position++;
    return step;
  }

  return {
    absorb(name, payload) {
      transcript.absorb(take('absorb', name).name, payload);
    },
    challenge: (name) => transcript.challenge(take('challenge', name).name, field),
    grind: (name) => transcript.grind(name, bits[take('grind', name).site]),
    checkGrind: (name, nonce) => transcript.checkGrind(name, bits[take('grind', name).site], nonce),
    indices: (name, count, logSize) =>
      transcript.indices(take('indices', name).name, count, logSize),
    finish() {
      if (position < steps.length) {
        throw new Error(`transcript: expected all ${steps.length} steps, got ${position}`);
      }
    },
  };
}

function isStep<Kind extends Step['kind']>(
  step: Step | undefined,
  kind: Kind,
): step is Extract<Step, { kind: Kind }> {
  return step?.kind === kind;
}
