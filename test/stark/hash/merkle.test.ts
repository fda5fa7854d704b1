import { blake3 as oracle } from '@noble/hashes/blake3.js';
import { describe, expect, it } from 'vitest';
import { createByteReader, createByteWriter } from '../../../src/stark/bytes.ts';
import { isCanonical, MODULUS } from '../../../src/stark/field/m31.ts';
import { hashWords } from '../../../src/stark/hash/blake3.ts';
import { digestToBytes, wordsToBytes } from '../../../src/stark/hash/digest.ts';
import { commitTables, type MerkleTable } from '../../../src/stark/hash/merkle.ts';
import {
  LEAF_KEY,
  type MerkleOpening,
  NODE_KEY,
  readOpening,
  type TableShape,
  verifyOpening,
  writeOpening,
} from '../../../src/stark/hash/merkle-verify.ts';

function table(logHeight: number, width: number, seed: number): MerkleTable {
  const columns = Array.from({ length: width }, (_, c) =>
    Uint32Array.from(
      { length: 2 ** logHeight },
      (_, row) => (row * 7919 + c * 104729 + seed) % MODULUS,
    ),
  );
  return { logHeight, columns };
}

/** The definition, by recursion, with the package as hash. */
function naiveNode(
  tables: readonly MerkleTable[],
  top: number,
  logSize: number,
  index: number,
): Uint8Array {
  const row = tables
    .filter(({ logHeight }) => logHeight === logSize)
    .flatMap(({ columns }) => columns.map((column) => column[index]));
  const rowBytes = wordsToBytes(Uint32Array.from(row));
  if (logSize === top) return oracle(rowBytes, { key: digestToBytes(LEAF_KEY) });
  const left = naiveNode(tables, top, logSize + 1, 2 * index);
  const right = naiveNode(tables, top, logSize + 1, 2 * index + 1);
  return oracle(Uint8Array.from([...left, ...right, ...rowBytes]), {
    key: digestToBytes(NODE_KEY),
  });
}

const forests: { name: string; tables: MerkleTable[] }[] = [
  { name: 'one table', tables: [table(4, 3, 1)] },
  { name: 'one row', tables: [table(0, 5, 1)] },
  { name: 'a lower table', tables: [table(2, 2, 1), table(5, 3, 2)] },
  {
    name: 'many heights, several of one, wide rows, a table without columns',
    tables: [
      table(5, 1, 1),
      table(3, 4, 2),
      table(0, 2, 3),
      table(5, 300, 4),
      table(3, 2, 5),
      table(4, 0, 6),
    ],
  },
  { name: 'nothing in the tallest row', tables: [table(3, 0, 1), table(2, 2, 2)] },
];

const queriesOf = (logHeight: number) =>
  [[0], [2 ** logHeight - 1], [5, 1, 5, 4, 13], [...Array(2 ** logHeight).keys()]].map((indices) =>
    Uint32Array.from(indices, (index) => index % 2 ** logHeight),
  );

describe.each(forests)('a tree over $name', ({ tables }) => {
  const top = Math.max(...tables.map(({ logHeight }) => logHeight));
  const tree = commitTables(tables);

  it('has the root of the definition', () => {
    expect(digestToBytes(tree.root)).toEqual(naiveNode(tables, top, 0, 0));
  });

  it('opens to the rows met, small tables at index >> k', () => {
    for (const indices of queriesOf(top)) {
      const checked = verifyOpening('main', tree.root, tree.shape, indices, tree.open(indices));
      if (!checked.ok) throw new Error(checked.rejection.code);
      for (const index of indices) {
        tables.forEach(({ logHeight, columns }, number) => {
          const place = index >> (top - logHeight);
          const row = columns.map((column) => column[place]);
          expect([...checked.value.row(number, index)]).toEqual(row);
        });
      }
    }
  });

  it('refuses every single changed word, value or digest', () => {
    const indices = queriesOf(top)[2];
    const opening = tree.open(indices);
    const parts = [...opening.rows, opening.siblings];
    for (const [number, part] of parts.entries()) {
      for (let at = 0; at < part.length; at += Math.max(1, part.length >> 4)) {
        const changed = parts.map((values) => values.slice());
        changed[number][at] ^= 1;
        const forged = { rows: changed.slice(0, -1), siblings: changed[parts.length - 1] };
        expect(verifyOpening('main', tree.root, tree.shape, indices, forged).ok).toBe(false);
      }
    }
  });

  it('goes to bytes and back', () => {
    const indices = queriesOf(top)[2];
    const opening = tree.open(indices);
    const writer = createByteWriter();
    writeOpening(writer, opening);
    const reader = createByteReader(writer.finish());
    expect(readOpening(reader, 'main', tree.shape, indices.length)).toEqual(opening);
    expect(reader.finish(0).ok).toBe(true);
  });
});

describe('attacks on openings', () => {
  const tables = [table(4, 2, 1), table(2, 3, 2)];
  const tree = commitTables(tables);
  const indices = Uint32Array.of(4, 6, 15);
  const honest = tree.open(indices);
  const codeOf = (shape: readonly TableShape[], opening: MerkleOpening, root = tree.root) => {
    const checked = verifyOpening('main', root, shape, indices, opening);
    return checked.ok ? 'accepted' : checked.rejection.code;
  };

  it('accept the honest one, for the attacks to mean anything', () => {
    expect(codeOf(tree.shape, honest)).toBe('accepted');
  });

  it('cannot give two queries that share an injected row different values of it', () => {
    // Indices 4 and 6 share row 1 of the small table: it is sent once, and a second copy has no place.
    expect(honest.rows[1]).toHaveLength(2 * 3);
    const shared = honest.rows[1].subarray(0, 3);
    const other = shared.map((value) => value + 1);
    const rows = [
      honest.rows[0],
      Uint32Array.of(...shared, ...other, ...honest.rows[1].subarray(3)),
    ];
    expect(codeOf(tree.shape, { ...honest, rows })).toBe('wrong-length');
  });

  it('cannot leave anything over or out', () => {
    const longer = (values: Uint32Array, by: number) =>
      Uint32Array.of(...values, ...new Uint32Array(by));
    const { rows, siblings } = honest;
    const cases: MerkleOpening[] = [
      { rows, siblings: longer(siblings, 8) },
      { rows, siblings: longer(siblings, 1) },
      { rows, siblings: siblings.subarray(8) },
      { rows: [longer(rows[0], 2), rows[1]], siblings },
      { rows: [rows[0].subarray(2), rows[1]], siblings },
      { rows: [...rows, new Uint32Array(0)], siblings },
      { rows: rows.slice(1), siblings },
    ];
    for (const forged of cases) expect(codeOf(tree.shape, forged)).toBe('wrong-length');
  });

  it('cannot give a value its other encoding', () => {
    const rows = [honest.rows[0].slice(), honest.rows[1]];
    rows[0][0] = MODULUS;
    expect(codeOf(tree.shape, { ...honest, rows })).toBe('not-canonical');
  });

  it('cannot pass an inner node off as a leaf, or a leaf as an inner node', () => {
    // Two rows whose leaf digests are canonical field elements, so that the pair of them is also a row.
    const rows: Uint32Array[] = [];
    const digests: Uint32Array[] = [];
    for (let value = 0; rows.length < 2; value++) {
      const digest = new Uint32Array(8);
      hashWords(digest, 0, LEAF_KEY, Uint32Array.of(value), 0, 1);
      if (!digest.every(isCanonical)) continue;
      rows.push(Uint32Array.of(value));
      digests.push(digest);
    }
    const pair = Uint32Array.of(...digests[0], ...digests[1]);
    const asNode = new Uint32Array(8);
    hashWords(asNode, 0, NODE_KEY, pair, 0, 16);
    const asLeaf = new Uint32Array(8);
    hashWords(asLeaf, 0, LEAF_KEY, pair, 0, 16);

    const low: TableShape[] = [{ logHeight: 0, width: 16 }];
    const high: TableShape[] = [{ logHeight: 1, width: 1 }];
    const noSiblings = new Uint32Array(0);
    const openLow = (root: Uint32Array) =>
      verifyOpening('main', root, low, Uint32Array.of(0), { rows: [pair], siblings: noSiblings })
        .ok;
    const openHigh = (root: Uint32Array) =>
      verifyOpening('main', root, high, Uint32Array.of(0, 1), {
        rows: [Uint32Array.of(...rows[0], ...rows[1])],
        siblings: noSiblings,
      }).ok;
    expect([openLow(asLeaf), openHigh(asNode)]).toEqual([true, true]);
    // With one key for both, each root would open both ways.
    expect([openLow(asNode), openHigh(asLeaf)]).toEqual([false, false]);
  });

  it('cannot move columns between tables or heights', () => {
    const shapes: TableShape[][] = [
      [
        { logHeight: 4, width: 3 },
        { logHeight: 2, width: 2 },
      ],
      [
        { logHeight: 4, width: 2 },
        { logHeight: 3, width: 3 },
      ],
      [
        { logHeight: 5, width: 2 },
        { logHeight: 2, width: 3 },
      ],
      [{ logHeight: 4, width: 2 }],
    ];
    for (const shape of shapes) expect(codeOf(shape, honest)).not.toBe('accepted');
    // The same rows with the two tables in other order.
    const swapped = [...tree.shape].reverse();
    expect(codeOf(swapped, { ...honest, rows: [...honest.rows].reverse() })).toBe('accepted');
    const equalTables = commitTables([table(2, 1, 1), table(2, 1, 9)]);
    const opening = equalTables.open(Uint32Array.of(1));
    const reversed = { ...opening, rows: [...opening.rows].reverse() };
    const forged = verifyOpening(
      'main',
      equalTables.root,
      equalTables.shape,
      Uint32Array.of(1),
      reversed,
    );
    expect(forged.ok).toBe(false);
  });

  it('are answers to the indices asked, no others', () => {
    const elsewhere = verifyOpening(
      'main',
      tree.root,
      tree.shape,
      Uint32Array.of(4, 7, 15),
      honest,
    );
    expect(elsewhere.ok).toBe(false);
  });

  it('are refused under another root', () => {
    const root = tree.root.slice();
    root[0] ^= 1;
    expect(codeOf(tree.shape, honest, root)).toBe('bad-root');
  });

  it('are bounded when read', () => {
    const writer = createByteWriter();
    writer.u32(2 ** 31);
    const reader = createByteReader(writer.finish());
    readOpening(reader, 'main', tree.shape, 3);
    expect(reader.rejection?.code).toBe('out-of-range');
  });
});

describe('misuse of trees', () => {
  it('throws on columns of the wrong height, no tables, no indices, indices outside', () => {
    expect(() => commitTables([{ logHeight: 2, columns: [new Uint32Array(3)] }])).toThrow(
      RangeError,
    );
    expect(() => commitTables([])).toThrow(RangeError);
    const tree = commitTables([table(2, 1, 1)]);
    const opening = tree.open(Uint32Array.of(0));
    for (const indices of [Uint32Array.of(), Uint32Array.of(4)]) {
      expect(() => verifyOpening('main', tree.root, tree.shape, indices, opening)).toThrow(
        RangeError,
      );
    }
  });
});
