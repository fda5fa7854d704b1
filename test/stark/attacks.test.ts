/** More attacks on the verifier: padding, buses, multiplicities, keys, proof of work, bytes, points. */

import { beforeAll, describe, expect, it } from 'vitest';
import { checkTrace } from '../../src/stark/air/check.ts';
import { type Bus, ChipBuilder } from '../../src/stark/air/chip.ts';
import { mul } from '../../src/stark/air/expr.ts';
import { readContainer } from '../../src/stark/codec.ts';
import { commitConstants } from '../../src/stark/constants.ts';
import { expectedComposition } from '../../src/stark/constraints.ts';
import { qm31 } from '../../src/stark/field/qm31.ts';
import { keyDigest } from '../../src/stark/key.ts';
import { layoutTables } from '../../src/stark/layout.ts';
import { type Profile, profiles } from '../../src/stark/parameters.ts';
import { rowPoint, toExtPoint } from '../../src/stark/poly/domain.ts';
import { type ProveOptions, proveInstance } from '../../src/stark/prover.ts';
import type { Instance, System, Trace } from '../../src/stark/system.ts';
import { type Verdict, verifyBody, verifyInstance } from '../../src/stark/verifier.ts';
import {
  createExample,
  createSystem,
  emptyTable,
  endBus,
  fibonacci,
  P,
} from '../support/synthetic.ts';
import { createDice, tamper } from '../support/tampering.ts';

const TEST = { profile: 'test' } as const;
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

describe('class 10, padding rows', () => {
  it('refuses any change of a padding row that makes it send or break a rule', async () => {
    const dice = createDice(10);
    for (let round = 0; round < 12; round++) {
      const column = dice(5);
      const value = column === 0 ? 1 : 1 + dice(200);
      const verdict = await forge({
        mutateTrace: (tables) => {
          tables[SQUARES]!.columns[column]![30] = value;
        },
      });
      // The clock and the limbs of a row that sends nothing are free but for the equation of the square.
      expect(codeOf(verdict)).toBe(
        column === 1 ? 'accepted' : column === 0 ? 'bus-balance' : 'constraints',
      );
    }
  });

  it('refuses a broken constraint in every table', async () => {
    for (const table of [0, 1, 2, 3, 4]) {
      const verdict = await forge({
        mutateTrace: (tables) => {
          const cells = tables[table]!.columns.at(-1)!;
          cells[5] = (cells[5]! + 1) % P;
        },
      });
      expect(codeOf(verdict), `table ${table}`).not.toBe('accepted');
    }
  });
});

describe('the checker and the proof', () => {
  it('agree on every spoiled trace', async () => {
    const dice = createDice(14);
    const verdicts = new Set<string>();
    for (let round = 0; round < 60; round++) {
      const spoiled: Trace = {
        tables: trace.tables.map((table) => ({
          ...table,
          columns: table.columns.map((column) => column.slice()),
        })),
      };
      const { columns, logRows } = spoiled.tables[dice(spoiled.tables.length)]!;
      const column = columns[dice(columns.length)]!;
      const row = dice(2 ** logRows);
      column[row] = [0, 1, dice(P), (column[row]! + 1) % P][dice(4)]!;
      const bytes = await proveInstance(instance, spoiled, profiles.test);
      const code = codeOf(verifyInstance(instance, bytes, TEST));
      verdicts.add(code);
      const checked = checkTrace(instance, spoiled);
      expect(code === 'accepted', JSON.stringify(checked)).toBe(checked.ok);
    }
    expect([...verdicts].sort()).toEqual(['accepted', 'bus-balance', 'constraints']);
  });
});

describe('class 14, messages of one bus on another', () => {
  const buses: Bus[] = [1, 2].map((id) => ({ name: `bus ${id}`, id, fields: ['value'] }));
  const one = (name: string, sends: boolean, bus: Bus) => {
    const chip = new ChipBuilder(name);
    const real = chip.bit('real', 'is no padding');
    const value = chip.column('value', 'anything');
    if (sends) chip.send('value', bus, [value], real);
    else chip.receive('value', bus, [value], real);
    return chip.build({ assumes: [], proves: [] });
  };
  for (const [bus, code] of [
    [0, 'accepted'],
    [1, 'bus-balance'],
  ] as const) {
    it(`a message sent on bus 1 and received on bus ${bus + 1}: ${code}`, async () => {
      const chips = [one('sender', true, buses[0]!), one('receiver', false, buses[bus]!)];
      const other: Instance = {
        ...instance,
        system: {
          ...system,
          chips,
          buses,
          constantTables: new Map(),
          constantRoot: new Uint8Array(32),
        },
        fixedTables: new Map(),
        publicTerms: [],
      };
      const tables = chips.map((chip) => emptyTable(chip, 4, 3));
      for (const { columns } of tables) {
        columns[0]!.set([1, 1, 1]);
        columns[1]!.set([7, 8, 9]);
      }
      const bytes = await proveInstance(other, { tables }, profiles.test);
      expect(codeOf(verifyInstance(other, bytes, TEST))).toBe(code);
    });
  }
});

describe('class 15, multiplicities that overflow', () => {
  it('refuses heights at which a bus could carry p messages', () => {
    const bus: Bus = { name: 'wide', id: 1, fields: ['value'] };
    const builder = new ChipBuilder('loud');
    const real = builder.bit('real', 'is no padding');
    for (let i = 0; i < 8; i++) builder.send(`send ${i}`, bus, [i], real);
    const chips = [builder.build({ assumes: [], proves: [] })];
    const loud: Instance = {
      ...instance,
      system: { ...system, chips, buses: [bus], constantTables: new Map() },
      fixedTables: new Map(),
      publicTerms: [],
    };
    const claims = (count: number) =>
      Array.from({ length: count }, () => ({ chip: 0, logRows: 24 }));
    expect(layoutTables(loud, profiles.test, claims(15)).ok).toBe(true);
    expect(layoutTables(loud, profiles.test, claims(16))).toMatchObject({
      rejection: { code: 'out-of-range', where: 'multiplicities of bus wide', got: 2 ** 31 },
    });
    const term = { bus, direction: 'send', message: [1], multiplicity: P - 1 } as const;
    expect(layoutTables({ ...loud, publicTerms: [term] }, profiles.test, claims(1)).ok).toBe(false);
  });
});

describe('class 17, the verifying key', () => {
  const changes: readonly [string, (system: System) => System][] = [
    ['its name', (old) => ({ ...old, name: 'other' })],
    ['the clock limit', (old) => ({ ...old, clockLimit: old.clockLimit + 1 })],
    [
      'the constant root',
      (old) => ({ ...old, constantRoot: old.constantRoot.map((byte) => byte ^ 1) }),
    ],
    [
      'the order of chips',
      (old) => ({ ...old, chips: [old.chips[1]!, old.chips[0]!, ...old.chips.slice(2)] }),
    ],
    [
      'a bus name',
      (old) => ({ ...old, buses: old.buses.map((bus) => ({ ...bus, name: `${bus.name}!` })) }),
    ],
    ['a bus without users', (old) => ({ ...old, buses: [...old.buses, { ...endBus, id: 99 }] })],
    ...(['stride', 'name', 'instances'] as const).map(
      (key): [string, (system: System) => System] => [
        `the ${key} of a chip`,
        (old) => {
          const value = { stride: 1, name: 'x', instances: 'many' }[key];
          return { ...old, chips: [{ ...old.chips[0]!, [key]: value }, ...old.chips.slice(1)] };
        },
      ],
    ),
    [
      'a dropped constraint',
      (old) => ({
        ...old,
        chips: [
          { ...old.chips[0]!, constraints: old.chips[0]!.constraints.slice(1) },
          ...old.chips.slice(1),
        ],
      }),
    ],
    [
      'a constraint of another column',
      (old) => {
        const [first, ...rest] = old.chips;
        const constraints = [...first!.constraints];
        constraints[0] = { ...constraints[0]!, expr: first!.columns[0]! };
        return { ...old, chips: [{ ...first!, constraints }, ...rest] };
      },
    ],
    [
      'the direction of a message',
      (old) => {
        const [first, ...rest] = old.chips;
        const interactions = first!.interactions.map((one) => ({
          ...one,
          direction: 'send' as const,
        }));
        return { ...old, chips: [{ ...first!, interactions }, ...rest] };
      },
    ],
  ];
  for (const [name, change] of changes) {
    it(`covers ${name}`, () => {
      const changed = change(system);
      expect(keyDigest(changed)).not.toEqual(keyDigest(system));
      expect(codeOf(verifyAgainst({ system: changed }))).not.toBe('accepted');
    });
  }

  it('does not depend on which objects are shared', () => {
    const copied: System = { ...system, chips: structuredClone(system.chips) };
    expect(keyDigest(copied)).toEqual(keyDigest(system));
  });
});

describe('an instance that a hostile statement could ask for', () => {
  const term = () => instance.publicTerms[0]!;
  const changes: readonly [string, () => Partial<Instance>, string][] = [
    [
      'a public message of another width',
      () => ({ publicTerms: [{ ...term(), message: [1] }] }),
      'wrong-length',
    ],
    [
      'a public message on no bus',
      () => ({ publicTerms: [{ ...term(), bus: { ...endBus, id: 99 } }] }),
      'wrong-length',
    ],
    [
      'a public value of two encodings',
      () => ({ publicTerms: [{ ...term(), message: [20, P] }] }),
      'not-canonical',
    ],
    [
      'a public multiplicity that is no element',
      () => ({ publicTerms: [{ ...term(), multiplicity: 0.5 }] }),
      'not-canonical',
    ],
    ['a parameter beyond the field', () => ({ parameters: { shift: 2 ** 40 } }), 'not-canonical'],
    [
      'fixed columns too short',
      () => ({
        fixedTables: new Map([
          ['answers', { logRows: 6, columns: Array(3).fill(new Uint32Array(63)) }],
        ]),
      }),
      'wrong-length',
    ],
    [
      'a fixed column too few',
      () => ({
        fixedTables: new Map([
          ['answers', { logRows: 6, columns: Array(2).fill(new Uint32Array(64)) }],
        ]),
      }),
      'wrong-length',
    ],
  ];
  for (const [name, change, code] of changes) {
    it(`is refused: ${name}`, async () => {
      expect(codeOf(verifyAgainst(change()))).toBe(code);
      const proving = proveInstance({ ...instance, ...change() }, trace, profiles.test);
      await expect(proving).rejects.toThrow(RangeError);
    });
  }
});

describe('a system that breaks its own rules', () => {
  const changes: readonly [string, () => Partial<Instance>, RegExp][] = [
    ['no fixed columns', () => ({ fixedTables: new Map() }), /fixed columns/],
    [
      'a short constant root',
      () => ({ system: { ...system, constantRoot: new Uint8Array(31) } }),
      /constant root/,
    ],
    [
      'two chips of one name',
      () => ({ system: { ...system, chips: [...system.chips, system.chips[0]!] } }),
      /taken/,
    ],
    [
      'two buses of one id',
      () => ({ system: { ...system, buses: [...system.buses, endBus] } }),
      /taken/,
    ],
    [
      'a constraint of degree 4',
      () => {
        const column = fibonacci.columns[0]!;
        const constraints = [{ name: 'steep', expr: mul(column, column, column, column) }];
        const chips = [{ ...fibonacci, constraints }, ...system.chips.slice(1)];
        return { system: { ...system, chips } };
      },
      /degree at most 3, got 4/,
    ],
    [
      'an unknown bus',
      () => ({ system: { ...system, buses: system.buses.slice(1) } }),
      /unknown bus/,
    ],
  ];
  for (const [name, change, says] of changes) {
    it(`is the caller's mistake and throws: ${name}`, () => {
      expect(() => verifyAgainst(change())).toThrow(says);
    });
  }
});

describe('class 20, proof of work', () => {
  it('refuses a nonce where none is asked for', () => {
    for (const site of ['logup', 'outOfDomain', 'batch', 'query'] as const) {
      const bytes = tamper(instance, proof, ({ nonces }) => ({ nonces: { ...nonces, [site]: 1 } }));
      expect(verifyInstance(instance, bytes, TEST)).toMatchObject({
        rejection: { code: 'bad-nonce' },
      });
    }
  });

  it('refuses a nonce without the bits, at every site', async () => {
    const grind = { logup: 6, outOfDomain: 6, batch: 6, fold: 6, query: 6 };
    const grinding: Profile = { ...profiles.test, grind };
    const bytes = await proveInstance(instance, trace, grinding);
    const bodyOf = (container: Uint8Array): Uint8Array => {
      const read = readContainer(container);
      if (!read.ok) throw new Error('expected a container');
      return read.value.body;
    };
    expect(codeOf(verifyBody(instance, grinding, bodyOf(bytes)))).toBe('accepted');
    for (const site of ['logup', 'outOfDomain', 'batch', 'query'] as const) {
      const changed = tamper(instance, bytes, ({ nonces }) => ({
        nonces: { ...nonces, [site]: nonces[site] + 2 ** 33 },
      }));
      expect(codeOf(verifyBody(instance, grinding, bodyOf(changed)))).not.toBe('accepted');
    }
    const changed = tamper(instance, bytes, ({ fri }) => ({
      fri: { ...fri, foldNonces: fri.foldNonces.map((nonce) => nonce + 1) },
    }));
    expect(codeOf(verifyBody(instance, grinding, bodyOf(changed)))).not.toBe('accepted');
  });
});

describe('class 21, bytes that make a verifier throw', () => {
  it('refuses every one of 1000 flipped bits', () => {
    const dice = createDice(21);
    for (let round = 0; round < 1000; round++) {
      // Every part is met: one flip in each thousandth of the bytes, at a random place in it.
      const at = Math.floor(((round + dice(1000) / 1000) / 1000) * proof.length);
      const bytes = proof.slice();
      bytes[at]! ^= 1 << dice(8);
      const verdict = verifyInstance(instance, bytes, TEST);
      expect(codeOf(verdict), `byte ${at}`).not.toBe('accepted');
    }
  });

  it('refuses every prefix and every longer string', () => {
    for (let length = 0; length < proof.length; length += length < 200 ? 1 : 97) {
      expect(codeOf(verifyInstance(instance, proof.slice(0, length), TEST))).not.toBe('accepted');
    }
    const longer = new Uint8Array(proof.length + 1);
    longer.set(proof);
    expect(codeOf(verifyInstance(instance, longer, TEST))).toBe('left-over');
  });

  it('refuses random bytes behind a right beginning', () => {
    const dice = createDice(22);
    for (let round = 0; round < 300; round++) {
      const start = dice(200);
      const bytes = proof.map((byte, i) => (i < start ? byte : dice(256)));
      expect(codeOf(verifyInstance(instance, bytes, TEST))).not.toBe('accepted');
    }
  });

  it('refuses a field element in its second encoding', () => {
    const container = readContainer(proof);
    if (!container.ok) throw new Error('expected a container');
    // The claimed sum of the table without messages is zero; p is zero too.
    const { body } = container.value;
    const at = 4 + 6 * 5 + 32 + 8 + LONELY * 16;
    expect([...body.slice(at, at + 16)]).toEqual(Array(16).fill(0));
    const changed = body.slice();
    new DataView(changed.buffer).setUint32(at, P, true);
    expect(codeOf(verifyBody(instance, profiles.test, changed))).toBe('not-canonical');
  });
});

describe('class 22, an opening point inside a domain', () => {
  it('finds no composition at the rows of any table', () => {
    const claims = trace.tables.map(({ chip, logRows }) => ({
      chip: system.chips.indexOf(chip),
      logRows,
    }));
    const layout = layoutTables(instance, profiles.test, claims);
    if (!layout.ok) throw new Error('expected a layout');
    const one = qm31.one();
    for (const row of [0, 1, 100, 255]) {
      const zeta = toExtPoint(qm31, rowPoint(layout.value.logRows, row));
      const opened = () => one;
      const values = {
        zeta,
        alpha: one,
        beta: one,
        gamma: one,
        claimed: trace.tables.map(() => one),
        opened,
      };
      expect(expectedComposition(qm31, instance, layout.value, values)).toBeUndefined();
    }
  });
});
