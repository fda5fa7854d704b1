import { blake3 as oracle } from '@noble/hashes/blake3.js';
import { describe, expect, it } from 'vitest';
import { degree6 } from '../../../src/stark/field/degree6.ts';
import { isCanonical } from '../../../src/stark/field/m31.ts';
import { qm31 } from '../../../src/stark/field/qm31.ts';
import { digestToBytes, digestToHex } from '../../../src/stark/hash/digest.ts';
import {
  friSchedule,
  proofSchedule,
  type Step,
  walkSchedule,
} from '../../../src/stark/hash/schedule.ts';
import {
  createTranscript,
  elementFromWords,
  findNonce,
  type Transcript,
} from '../../../src/stark/hash/transcript.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const stateAfter = (run: (transcript: Transcript) => void, protocol = 'test') => {
  const transcript = createTranscript(protocol);
  run(transcript);
  return digestToHex(transcript.state());
};

describe('the transcript', () => {
  it('is the hash it says, by the package', () => {
    const key = oracle(new TextEncoder().encode('braid transcript v1'));
    const start = oracle(new TextEncoder().encode('test'), { key });
    const message = bytes(...start, 1, 4, ...new TextEncoder().encode('root'), 3, 0, 0, 0, 7, 8, 9);
    const transcript = createTranscript('test');
    transcript.absorb('root', bytes(7, 8, 9));
    expect(digestToBytes(transcript.state())).toEqual(oracle(message, { key }));
  });

  it('has a different state after every different past', () => {
    const pasts = [
      stateAfter(() => {}),
      stateAfter(() => {}, 'other'),
      stateAfter((t) => t.absorb('ab', bytes(1))),
      stateAfter((t) => t.absorb('a', bytes(98, 1))),
      stateAfter((t) => t.absorb('ab', bytes(1, 0))),
      stateAfter((t) => t.absorb('ab', bytes())),
      stateAfter((t) => {
        t.absorb('ab', bytes(1));
        t.absorb('ab', bytes());
      }),
      stateAfter((t) => {
        t.absorb('a', bytes());
        t.absorb('b', bytes(1));
      }),
      stateAfter((t) => t.challenge('ab', qm31)),
      stateAfter((t) => t.indices('abc', 1, 4)),
      stateAfter((t) => t.grind('ab', 0)),
      stateAfter((t) => t.grind('ab', 3)),
    ];
    expect(new Set(pasts).size).toBe(pasts.length);
  });

  it('draws challenges that depend on the past and on their label, and never repeat', () => {
    const transcript = createTranscript('test');
    const first = transcript.challenge('alpha', qm31);
    const second = transcript.challenge('alpha', qm31);
    expect(first).not.toEqual(second);
    expect(createTranscript('test').challenge('alpha', qm31)).toEqual(first);
    expect(createTranscript('test').challenge('beta', qm31)).not.toEqual(first);
    expect(createTranscript('other').challenge('alpha', qm31)).not.toEqual(first);
  });

  it.each([qm31, degree6])(
    'draws canonical coordinates of $name, spread over the field',
    (field) => {
      const transcript = createTranscript('spread');
      const counts = new Array(8).fill(0);
      for (let draw = 0; draw < 500; draw++) {
        const value = transcript.challenge('x', field);
        expect(value).toHaveLength(field.degree);
        for (const coordinate of value) {
          expect(isCanonical(coordinate)).toBe(true);
          counts[coordinate >>> 28]++;
        }
      }
      const mean = (500 * field.degree) / 8;
      for (const count of counts) expect(Math.abs(count - mean)).toBeLessThan(6 * Math.sqrt(mean));
    },
  );

  it('rejects p, which would be a second zero, and takes the next word', () => {
    function* words(): Generator<number, never> {
      yield* [5, 2 ** 31 - 1, 2 ** 32 - 1, 2 ** 31, 2 ** 31 - 2, 2 ** 32 - 2];
      throw new Error('expected no more words to be drawn');
    }
    expect([...elementFromWords(words(), qm31)]).toEqual([5, 0, 2 ** 31 - 2, 2 ** 31 - 2]);
  });

  it('draws indices in range, with repeats, as many as asked', () => {
    const drawn = createTranscript('test').indices('queries', 300, 5);
    expect(drawn).toHaveLength(300);
    expect(Math.max(...drawn)).toBe(31);
    expect(new Set(drawn).size).toBe(32);
    expect([...createTranscript('test').indices('queries', 3, 0)]).toEqual([0, 0, 0]);
    expect(createTranscript('test').indices('queries', 0, 5)).toHaveLength(0);
    expect(Math.max(...createTranscript('test').indices('queries', 99, 31))).toBeGreaterThan(
      2 ** 30,
    );
    expect(() => createTranscript('test').indices('queries', 1, 32)).toThrow(RangeError);
  });
});

describe('grinding', () => {
  it.each([0, 1, 5, 10])('finds the smallest nonce of %i bits, which the check accepts', (bits) => {
    const prover = createTranscript('test');
    const verifier = createTranscript('test');
    const nonce = prover.grind('pow', bits);
    for (let smaller = 0; smaller < nonce; smaller++) {
      expect(createTranscript('test').checkGrind('pow', bits, smaller)).toBe(false);
    }
    expect(verifier.checkGrind('pow', bits, nonce)).toBe(true);
    expect(verifier.state()).toEqual(prover.state());
    expect(findNonce(createTranscript('test').grindSeed('pow', bits), bits)).toBe(nonce);
  });

  it('refuses another nonce, and one for other bits, label or past', () => {
    const nonce = createTranscript('test').grind('pow', 12);
    const check = (protocol: string, label: string, bits: number, value: number) =>
      createTranscript(protocol).checkGrind(label, bits, value);
    expect(check('test', 'pow', 12, nonce)).toBe(true);
    expect(check('test', 'pow', 12, nonce + 1)).toBe(false);
    expect(check('test', 'pow', 13, nonce)).toBe(false);
    expect(check('test', 'other', 12, nonce)).toBe(false);
    expect(check('other', 'pow', 12, nonce)).toBe(false);
    expect(check('test', 'pow', 12, nonce + 2 ** 32)).toBe(false);
  });

  it('takes nonce 0 and no other for 0 bits', () => {
    expect(createTranscript('test').checkGrind('pow', 0, 0)).toBe(true);
    expect(createTranscript('test').checkGrind('pow', 0, 1)).toBe(false);
  });

  it.each([-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %d as a nonce',
    (nonce) => {
      expect(createTranscript('test').checkGrind('pow', 1, nonce)).toBe(false);
    },
  );

  it.each([-1, 32, 33, 64, 1.5])('throws for %d bits: a misuse, not a proof', (bits) => {
    expect(() => createTranscript('test').grind('pow', bits)).toThrow(RangeError);
    expect(() => createTranscript('test').checkGrind('pow', bits, 0)).toThrow(RangeError);
  });

  it('reads its highest bit at 31 bits', () => {
    // One of 2^31 nonces passes: the chance that any of these does is below 2^-20.
    for (let nonce = 0; nonce < 1000; nonce++) {
      expect(createTranscript('test').checkGrind('pow', 31, nonce)).toBe(false);
    }
  });
});

describe('the schedule', () => {
  const bits = { logup: 2, outOfDomain: 1, batch: 2, fold: 1, query: 3 };
  const walk = (steps: readonly Step[]) =>
    walkSchedule(steps, createTranscript('test'), qm31, bits);

  it('is this order', () => {
    expect(proofSchedule(2).map((step) => `${step.kind} ${step.name}`)).toMatchInlineSnapshot(`
      [
        "absorb protocol",
        "absorb key",
        "absorb statement",
        "absorb shape",
        "absorb mainRoot",
        "grind logup",
        "challenge alpha",
        "challenge beta",
        "absorb claimedSums",
        "absorb interactionRoot",
        "challenge gamma",
        "absorb compositionRoot",
        "grind outOfDomain",
        "challenge zeta",
        "absorb openedValues",
        "grind batch",
        "challenge delta",
        "absorb friRoot0",
        "grind fold0",
        "challenge lambda0",
        "absorb friRoot1",
        "grind fold1",
        "challenge lambda1",
        "absorb finalCoefficients",
        "grind query",
        "indices queries",
      ]
    `);
    expect(proofSchedule(3).slice(-friSchedule(3).length)).toEqual(friSchedule(3));
  });

  type Walker = ReturnType<typeof walk>;
  const takeStep = (walker: Walker, step: Step, payload: Uint8Array) => {
    if (step.kind === 'absorb') walker.absorb(step.name, payload);
    if (step.kind === 'challenge') return walker.challenge(step.name).join();
    if (step.kind === 'grind') return String(walker.grind(step.name));
    if (step.kind === 'indices') return walker.indices(step.name, 5, 20).join();
    return '';
  };

  it('makes every challenge and every query depend on all that was absorbed before', () => {
    const steps = proofSchedule(2);
    const run = (changed: number) => {
      const walker = walk(steps);
      const drawn = steps.map((step, at) => takeStep(walker, step, bytes(at === changed ? 1 : 0)));
      walker.finish();
      return drawn;
    };
    const honest = run(-1);
    steps.forEach((step, changed) => {
      if (step.kind !== 'absorb') return;
      run(changed).forEach((drawn, at) => {
        const isDraw = steps[at].kind === 'challenge' || steps[at].kind === 'indices';
        if (isDraw) expect(drawn === honest[at]).toBe(at < changed);
      });
    });
  });

  it('throws on every step out of order', () => {
    const steps = proofSchedule(1);
    for (let done = 0; done < steps.length; done++) {
      for (let other = 0; other < steps.length; other++) {
        if (other === done) continue;
        const walker = walk(steps);
        for (const step of steps.slice(0, done)) takeStep(walker, step, bytes(0));
        expect(() => takeStep(walker, steps[other], bytes(0))).toThrow(/transcript step/);
      }
    }
  });

  it('throws on a step of the right name and wrong kind, past the end, and on an early finish', () => {
    const walker = walk(friSchedule(0));
    expect(() => walker.grind('query')).toThrow();
    walker.absorb('finalCoefficients', bytes());
    expect(() => walker.finish()).toThrow();
    const nonce = walker.grind('query');
    walker.indices('queries', 1, 1);
    expect(() => walker.indices('queries', 1, 1)).toThrow(/the end/);
    walker.finish();
    const verifier = walk(friSchedule(0));
    verifier.absorb('finalCoefficients', bytes());
    expect(verifier.checkGrind('query', nonce)).toBe(true);
  });
});
