/** Attacks on the verifier, by the classes of bugs found in real systems that the proof system names. */

import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readContainer, writeContainer } from '../../src/stark/codec.ts';
import { commitConstants } from '../../src/stark/constants.ts';
import { type Profile, profiles } from '../../src/stark/parameters.ts';
import { type ProveOptions, proveInstance } from '../../src/stark/prover.ts';
import type { Instance, System, Trace } from '../../src/stark/system.ts';
import { type Verdict, verifyBody, verifyInstance } from '../../src/stark/verifier.ts';
import { createExample, createSystem, P } from '../support/synthetic.ts';
import { tamper } from '../support/tampering.ts';

const TEST = { profile: 'test' } as const;
const FIBONACCI = 0;
const SQUARES = 1;
const LONELY = 4;

let system: System;
let instance: Instance;
let trace: Trace;
let proof: Uint8Array;

beforeAll(async () => {
  system = createSystem((await commitConstants(createSystem())).root);
  ({ instance, trace } = createExample({ system }));
  proof = await proveInstance(instance, trace, profiles.test);
});

function codeOf(verdict: Verdict): string {
  return verdict.ok ? 'accepted' : verdict.rejection.code;
}

/** What becomes of a proof made with a hook of the prover. */
async function forge(options: ProveOptions): Promise<Verdict> {
  return verifyInstance(
    instance,
    await proveInstance(instance, trace, profiles.test, options),
    TEST,
  );
}

/** What becomes of the honest proof when the verifier holds another instance. */
function verifyAgainst(changed: Partial<Instance>): Verdict {
  const container = readContainer(proof);
  if (!container.ok) throw new Error('expected a container');
  return verifyBody({ ...instance, ...changed }, profiles.test, container.value.body);
}

describe('an honest proof', () => {
  it('is accepted, so that all refusals below mean something', () => {
    expect(codeOf(verifyInstance(instance, proof, TEST))).toBe('accepted');
    expect(codeOf(verifyAgainst({}))).toBe('accepted');
  });

  it('of the test profile is refused unless that is named', () => {
    expect(codeOf(verifyInstance(instance, proof))).toBe('mismatch');
    expect(codeOf(verifyInstance(instance, proof, { profile: 'P100' }))).toBe('mismatch');
  });

  it('is refused when its tables are too low for the bits of the profile', async () => {
    const weak = { ...profiles.test, bits: 100 };
    const container = readContainer(proof);
    expect(container.ok && codeOf(verifyBody(instance, weak, container.value.body))).toBe(
      'too-weak',
    );
  });
});

describe('the files of the verifier', () => {
  it('are not those of the prover, nor transforms, nor batch evaluation', () => {
    const reached = new Set<string>();
    const walk = (file: URL): void => {
      if (reached.has(file.pathname)) return;
      reached.add(file.pathname);
      const source = readFileSync(file, 'utf8');
      for (const [, imported] of source.matchAll(/^(?:import|export|\}) .*from '(\.[^']+)';$/gm)) {
        walk(new URL(imported!, file));
      }
    };
    walk(new URL('../../src/stark/verifier.ts', import.meta.url));
    const names = [...reached].map((path) => path.slice(path.indexOf('/src/') + 5));
    expect(names).toContain('stark/fri/verify.ts');
    expect(names).toContain('stark/air/evaluate-at.ts');
    for (const file of [
      'prover',
      'engines',
      'plain/engine',
      'plain/lookup',
      'plain/composition',
      'plain/fri',
      'kernel/engine',
      'poly/fft',
      'air/evaluate',
      'hash/merkle',
    ]) {
      expect(existsSync(new URL(`../../src/stark/${file}.ts`, import.meta.url))).toBe(true);
      expect(names).not.toContain(`stark/${file}.ts`);
    }
    for (const name of names) expect(name).toMatch(/^stark\//);
  });
});

describe('class 1, public data not absorbed', () => {
  const changes: readonly [string, () => Partial<Instance>][] = [
    ['the digest', () => ({ digest: new Uint8Array(32).fill(4) })],
    ['the statement', () => ({ statement: Uint8Array.of(1, 2, 3, 5) })],
    ['the length of the statement', () => ({ statement: Uint8Array.of(1, 2, 3, 4, 0) })],
    ['an unused parameter', () => ({ parameters: { ...instance.parameters, unused: 1 } })],
    ['the value of a parameter', () => ({ parameters: { shift: 6 } })],
    [
      'a public message',
      () => ({ publicTerms: [{ ...instance.publicTerms[0]!, message: [20, 4182] }] }),
    ],
    [
      'a public multiplicity',
      () => ({ publicTerms: [{ ...instance.publicTerms[0]!, multiplicity: 2 }] }),
    ],
    [
      'the direction of a public term',
      () => ({ publicTerms: [{ ...instance.publicTerms[0]!, direction: 'receive' }] }),
    ],
    [
      'a public term of multiplicity 0',
      () => ({
        publicTerms: [...instance.publicTerms, { ...instance.publicTerms[0]!, multiplicity: 0 }],
      }),
    ],
    ['no public term', () => ({ publicTerms: [] })],
    [
      'a fixed cell',
      () => {
        const table = instance.fixedTables.get('answers')!;
        const columns = table.columns.map((column) => column.slice());
        columns[1]![3]!++;
        return { fixedTables: new Map([['answers', { ...table, columns }]]) };
      },
    ],
  ];
  for (const [name, change] of changes) {
    it(`refuses the proof for another instance: ${name}`, () => {
      expect(codeOf(verifyAgainst(change()))).not.toBe('accepted');
    });
  }

  it('refuses another statement in the container', () => {
    const container = readContainer(proof);
    if (!container.ok) throw new Error('expected a container');
    const bytes = writeContainer({ ...container.value, statement: Uint8Array.of(9) });
    expect(codeOf(verifyInstance(instance, bytes, TEST))).toBe('mismatch');
  });

  it('refuses the proof under other profile parameters', () => {
    const container = readContainer(proof);
    if (!container.ok) throw new Error('expected a container');
    const changes: Partial<Profile>[] = [
      { queries: profiles.test.queries + 1 },
      { queries: profiles.test.queries - 1 },
      { queries: 0 },
      { name: 'P100' },
      { grind: { ...profiles.test.grind, query: 1 } },
    ];
    for (const change of changes) {
      const profile = { ...profiles.test, ...change };
      expect(codeOf(verifyBody(instance, profile, container.value.body))).not.toBe('accepted');
    }
  });
});

describe('class 2, values chosen after the challenge', () => {
  it('refuses claimed sums moved between tables', () => {
    const moved = tamper(instance, proof, ({ claimedSums }) => {
      claimedSums[FIBONACCI * 4] = (claimedSums[FIBONACCI * 4]! + 1) % P;
      claimedSums[SQUARES * 4] = (claimedSums[SQUARES * 4]! + P - 1) % P;
      return undefined;
    });
    expect(codeOf(verifyInstance(instance, moved, TEST))).not.toBe('accepted');
  });

  it('refuses any other opened value', () => {
    const count = instance.system.chips.length;
    expect(count).toBeGreaterThan(0);
    tamper(instance, proof, ({ openedValues }) => {
      for (let position = 0; position < openedValues.length; position += 7) {
        const bytes = tamper(instance, proof, (copy) => {
          copy.openedValues[position] = (copy.openedValues[position]! + 1) % P;
          return undefined;
        });
        expect(codeOf(verifyInstance(instance, bytes, TEST))).not.toBe('accepted');
      }
      return undefined;
    });
  });

  it('refuses every root but the committed one', () => {
    for (const name of ['mainRoot', 'interactionRoot', 'compositionRoot'] as const) {
      const bytes = tamper(instance, proof, (copy) => {
        copy[name]![3]! ^= 1;
        return undefined;
      });
      expect(codeOf(verifyInstance(instance, bytes, TEST))).not.toBe('accepted');
    }
  });
});

describe('class 3, lookup sums', () => {
  it('refuses claims that do not cancel', async () => {
    const verdict = await forge({
      mutateClaimedSums: (sums) => {
        sums[0] = (sums[0]! + 1) % P;
      },
    });
    expect(verdict).toEqual({ ok: false, rejection: { code: 'bus-balance', where: 'all tables' } });
  });

  it('refuses a claim of a table without messages', async () => {
    const verdict = await forge({
      mutateClaimedSums: (sums) => {
        sums[FIBONACCI * 4] = (sums[FIBONACCI * 4]! + 1) % P;
        sums[LONELY * 4] = P - 1;
      },
    });
    expect(verdict).toEqual({ ok: false, rejection: { code: 'bus-balance', where: 'lonely' } });
  });

  it('refuses claims that cancel but are not those of the columns', async () => {
    const verdict = await forge({
      mutateClaimedSums: (sums) => {
        sums[FIBONACCI * 4] = (sums[FIBONACCI * 4]! + 1) % P;
        sums[SQUARES * 4] = (sums[SQUARES * 4]! + P - 1) % P;
      },
    });
    expect(codeOf(verdict)).toBe('constraints');
  });

  it('refuses a message that nobody receives', async () => {
    const verdict = await forge({
      mutateTrace: (tables) => {
        // An honest row of its own, in the padding: all constraints hold.
        tables[SQUARES]!.columns[0]![31] = 1;
      },
    });
    expect(codeOf(verdict)).toBe('bus-balance');
  });
});

describe('class 4, shape of the low degree test', () => {
  const shapes: readonly [string, (values: Uint32Array) => Uint32Array][] = [
    ['a final polynomial too short', (values) => values.slice(4)],
    ['a final polynomial too long', (values) => Uint32Array.from([...values, 0, 0, 0, 0])],
    ['a final polynomial that is zero', (values) => new Uint32Array(values.length)],
  ];
  for (const [name, change] of shapes) {
    it(`refuses ${name}`, () => {
      const bytes = tamper(instance, proof, ({ fri }) => ({
        fri: { ...fri, finalCoefficients: change(fri.finalCoefficients) },
      }));
      expect(codeOf(verifyInstance(instance, bytes, TEST))).not.toBe('accepted');
    });
  }

  it('refuses a layer too few, a layer too many, a query too few', () => {
    const changes = [
      (roots: readonly Uint32Array[]) => roots.slice(1),
      (roots: readonly Uint32Array[]) => [...roots, roots[0]!],
    ];
    for (const change of changes) {
      const bytes = tamper(instance, proof, ({ fri }) => ({
        fri: { ...fri, roots: change(fri.roots) },
      }));
      expect(codeOf(verifyInstance(instance, bytes, TEST))).not.toBe('accepted');
    }
    const fewer = tamper(instance, proof, ({ trees }, layout) => {
      const [first, ...rest] = trees.main!.rows;
      const width = layout.trees.main[0]!.width;
      return {
        trees: { ...trees, main: { ...trees.main!, rows: [first!.slice(width), ...rest] } },
      };
    });
    expect(codeOf(verifyInstance(instance, fewer, TEST))).not.toBe('accepted');
  });
});

describe('class 5, shapes chosen by the prover', () => {
  const lists: readonly [string, (claims: { chip: number; logRows: number }[]) => unknown][] = [
    ['another height', (claims) => claims.splice(1, 1, { chip: 1, logRows: 6 })],
    ['a lower height', (claims) => claims.splice(0, 1, { chip: 0, logRows: 5 })],
    ['a height below the least', (claims) => claims.splice(2, 1, { chip: 1, logRows: 3 })],
    ['a height above the greatest', (claims) => claims.splice(1, 1, { chip: 1, logRows: 25 })],
    ['another height of a fixed table', (claims) => claims.splice(3, 1, { chip: 2, logRows: 7 })],
    [
      'another height of a constant table',
      (claims) => claims.splice(5, 1, { chip: 4, logRows: 9 }),
    ],
    ['two tables exchanged', (claims) => claims.splice(0, 2, claims[1]!, claims[0]!)],
    ['the lower table of a chip first', (claims) => claims.splice(1, 2, claims[2]!, claims[1]!)],
    ['a second table of a single chip', (claims) => claims.splice(0, 0, claims[0]!)],
    ['a missing table', (claims) => claims.splice(4, 1)],
    ['a missing constant table', (claims) => claims.splice(5, 1)],
    ['an unknown chip', (claims) => claims.splice(5, 0, { chip: 77, logRows: 4 })],
    ['no table at all', (claims) => claims.splice(0)],
    [
      '65 tables of a chip',
      (claims) => claims.splice(1, 2, ...Array(65).fill({ chip: 1, logRows: 4 })),
    ],
  ];
  for (const [name, change] of lists) {
    it(`refuses ${name}`, () => {
      const bytes = tamper(instance, proof, ({ claims }) => {
        const changed = claims.map((claim) => ({ ...claim }));
        change(changed);
        return { claims: changed };
      });
      expect(codeOf(verifyInstance(instance, bytes, TEST))).not.toBe('accepted');
    });
  }

  it('refuses rows that count half, of a table twice as tall as claimed', async () => {
    // Every identity at zeta holds for a table of 2^n rows committed as one of 2^(n + 1), with half the
    // weight for each row. Only the layer of the tree where its rows must stand tells them apart.
    const taller = createExample({ system, lonelyLogRows: 6 });
    const bytes = await proveInstance(taller.instance, taller.trace, profiles.test, {
      mutateClaims: (claims) =>
        claims.map((claim, i) => (i === LONELY ? { ...claim, logRows: 5 } : claim)),
    });
    const verdict = verifyInstance(taller.instance, bytes, TEST);
    expect(verdict).toEqual({ ok: false, rejection: { code: 'bad-root', where: 'main' } });
  });

  it('refuses more ticks than the clock has', () => {
    expect(codeOf(verifyAgainst({ system: { ...system, clockLimit: 96 } }))).toBe('out-of-range');
  });
});

describe('class 6, Merkle trees', () => {
  it('refuses another row of a low table, which many queries share', () => {
    for (const table of [0, 1, 2, 3, 4, 5]) {
      const bytes = tamper(instance, proof, ({ trees }) => {
        const row = trees.main!.rows[table]!;
        row[0] = (row[0]! + 1) % P;
        return undefined;
      });
      expect(verifyInstance(instance, bytes, TEST)).toMatchObject({
        rejection: { code: 'bad-root', where: 'main' },
      });
    }
  });

  it('refuses another row of a constant table', () => {
    const bytes = tamper(instance, proof, ({ trees }) => {
      trees.constant!.rows[0]![0]! ^= 1;
      return undefined;
    });
    expect(verifyInstance(instance, bytes, TEST)).toMatchObject({
      rejection: { code: 'bad-root', where: 'constant' },
    });
  });
});
