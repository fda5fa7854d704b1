import { describe, expect, it } from 'vitest';
import {
  type Instance,
  type ProofSize,
  profiles,
  type Regime,
  reportSecurity,
  roundBits,
  securityBits,
} from '../../src/stark/parameters.ts';

const noGrinding = { logup: 0, outOfDomain: 0, batch: 0, fold: 0, query: 0 };
const small = { lookups: [], constraints: 1, degree: 2, batched: 2, grind: noGrinding };
const koalaBear4 = 4 * Math.log2(2 ** 31 - 2 ** 24 + 1);
const babyBear4 = 4 * Math.log2(15 * 2 ** 27 + 1);

/** The size for which the profiles are made. */
const segment: ProofSize = {
  logRows: 22,
  lookups: [{ fractions: 2 ** 27, width: 46 }],
  constraints: 8192,
  degree: 3,
  batched: 8192,
};

describe('the security calculator', () => {
  it('gives P100 and P128 what ethereum/soundcalc gives them', () => {
    const expected = {
      P100: {
        logup: 103.4,
        constraints: 111.0,
        deep: 104.0,
        batch: 102.0,
        fold: 107.2,
        query: 100.9,
      },
      P128: { logup: 153.4, constraints: 173, deep: 162, batch: 152, fold: 165.2, query: 128.3 },
    };
    for (const name of ['P100', 'P128'] as const) {
      const { rounds } = securityBits(profiles[name], segment);
      for (const [round, bits] of Object.entries(expected[name])) {
        expect(rounds[round as keyof typeof rounds]).toBeCloseTo(bits, 1);
      }
    }
    expect(securityBits(profiles.P100, segment)).toMatchObject({ binding: 'query' });
    expect(securityBits(profiles.P100, segment).bits).toBeCloseTo(100.9, 1);
    expect(securityBits(profiles.P128, segment)).toMatchObject({ binding: 'hash', bits: 128 });
  });

  it('agrees with soundcalc on SP1 core: KoalaBear^4, rate 1/4, 124 queries', () => {
    const rounds = roundBits(
      {
        ...small,
        logOrder: koalaBear4,
        logRows: 21,
        logBlowup: 2,
        queries: 124,
        grind: { ...noGrinding, query: 16 },
        foldBits: [1],
      },
      'unique',
    );
    expect(rounds.query).toBeCloseTo(100.08, 2);
    expect(rounds.fold).toBeCloseTo(103.37, 2);
  });

  it('agrees with soundcalc on OpenVM 1: BabyBear^4, rate 1/2, 193 queries, 80 000 columns', () => {
    const rounds = roundBits(
      {
        ...small,
        logOrder: babyBear4,
        logRows: 23,
        logBlowup: 1,
        queries: 193,
        batched: 80_000,
        grind: { ...noGrinding, batch: 20, query: 20 },
        foldBits: [1],
      },
      'unique',
    );
    expect(rounds.query).toBeCloseTo(100.1, 2);
    expect(rounds.fold).toBeCloseTo(102.63, 2);
    expect(rounds.batch).toBeCloseTo(105.34, 2);
  });

  it('agrees with Plonky3: 252 bits, rate 1/2, 100 queries, 57 bits unique and 65 Johnson', () => {
    const instance: Instance = {
      ...small,
      logOrder: 252,
      logRows: 20,
      logBlowup: 1,
      queries: 100,
      grind: { ...noGrinding, query: 16 },
      foldBits: [3, 3, 3, 3, 3],
    };
    expect(Math.floor(reportSecurity(instance, 'unique').bits)).toBe(57);
    const johnson = Array.from({ length: 1000 }, (_, m) => ({ johnson: m + 1 }));
    const best = Math.max(...johnson.map((regime) => reportSecurity(instance, regime).bits));
    expect(Math.floor(best)).toBe(65);
  });

  it.each<[string, Regime, number[]]>([
    ['unique', 'unique', [0.415, 0.678, 0.83, 0.913, 0.956]],
    ['Johnson with m = 10', { johnson: 10 }, [0.43, 0.93, 1.43, 1.93, 2.43]],
  ])('gives the published bits for each query, %s', (_name, regime, bits) => {
    bits.forEach((expected, index) => {
      const instance = { ...small, logOrder: 186, logRows: 20, queries: 1, foldBits: [3] };
      const { query } = roundBits({ ...instance, logBlowup: index + 1 }, regime);
      expect(query).toBeCloseTo(expected, 3);
    });
  });

  it.each([
    { logBlowup: 4, johnson: 20, queries: 54, total: 128 },
    { logBlowup: 5, johnson: 18, queries: 44, total: 130 },
  ])('agrees with soundcalc on final proofs of degree 6, blowup 2^$logBlowup', (final) => {
    const { query } = roundBits(
      {
        ...small,
        ...final,
        logOrder: 186,
        logRows: 17,
        grind: { ...noGrinding, query: 22 },
        foldBits: [3],
      },
      { johnson: final.johnson },
    );
    expect(Math.floor(query)).toBe(final.total);
  });

  it('names the round that binds, and gives less for more rows, lookups or columns', () => {
    const P100 = profiles.P100;
    const cases: [Partial<ProofSize>, string][] = [
      [{ lookups: [{ fractions: 2 ** 30, width: 46 }] }, 'logup'],
      [{ batched: 2 ** 16 }, 'batch'],
      [{ logRows: 26 }, 'batch'],
      [{ constraints: 2 ** 26 }, 'constraints'],
    ];
    for (const [change, binding] of cases) {
      const report = securityBits(P100, { ...segment, ...change });
      expect(report.binding).toBe(binding);
      expect(report.bits).toBeLessThan(securityBits(P100, segment).bits);
    }
  });

  it('gives nothing when a precondition fails', () => {
    const P100 = profiles.P100;
    expect(securityBits(P100, { ...segment, degree: 4 })).toMatchObject({
      bits: 0,
      binding: 'degree',
    });
    const crowded = [{ fractions: 2 ** 31 - 1, width: 1 }];
    expect(securityBits(P100, { ...segment, lookups: crowded })).toMatchObject({
      bits: 0,
      binding: 'multiplicity',
    });
    expect(securityBits(P100, { ...segment, logRows: 1, degree: 2 })).toMatchObject({
      bits: 0,
      binding: 'rate',
    });
  });

  it('gives the smallest proofs their bits too, and the test profile next to none', () => {
    const tiny = { ...segment, logRows: 4, lookups: [], batched: 2, constraints: 1 };
    // rho+ counts three more dimensions, which a table of 16 rows feels: theta = (1 - 19/32) / 2.
    const report = securityBits(profiles.P100, tiny);
    expect(report.binding).toBe('query');
    expect(report.bits).toBeCloseTo(-195 * Math.log2(1 - 13 / 64) + 20, 6);
    expect(securityBits(profiles.P100, { ...tiny, logRows: 8 }).bits).toBeLessThan(100);
    expect(securityBits(profiles.P100, { ...tiny, logRows: 9 }).bits).toBeGreaterThan(100);
    expect(securityBits(profiles.P100, { ...segment, logRows: 16 }).bits).toBeGreaterThan(100.9);
    expect(securityBits(profiles.test, segment).bits).toBeLessThan(4);
  });
});

describe('profiles', () => {
  it('are named as they are keyed, and the test profile has the field of P100', () => {
    for (const [name, profile] of Object.entries(profiles)) expect(profile.name).toBe(name);
    expect(profiles.test.field).toBe(profiles.P100.field);
  });
  it('keep what they promise at the size they are made for', () => {
    for (const profile of Object.values(profiles)) {
      expect(securityBits(profile, segment).bits).toBeGreaterThanOrEqual(profile.bits);
    }
  });
});
