import { describe, expect, it } from 'vitest';
import type { BoundaryRow } from '../../src/memory/boundary.ts';
import { type Claim, cell, failuresOf, reasonsOf } from '../support/memory-system.ts';

const INPUT = 5;
const entry = [INPUT, 3, 7, 1, 0, 9];
const value = [7, 1, 0, 9];
const nothing = [0, 0, 0, 0];

/** A read of `read` at time 10 from cell `low` of the public input, whose cell 3 is image. */
const reads = (low: number, read: readonly number[], boundary: readonly BoundaryRow[]): Claim => ({
  width: 'word',
  accesses: [{ high: INPUT, low, previousTime: 9, time: 10, before: read }],
  boundary,
  image: [entry],
});
const row = (low: number, first: readonly number[], isImage: boolean, isRead = true): BoundaryRow =>
  cell(INPUT, low, {
    first,
    last: first,
    isImage,
    ...(isRead && { firstTime: 9, lastTime: 10 }),
  });
const untouched = row(3, value, true, false);

const accepted: readonly (readonly [string, Claim])[] = [
  ['an image cell that is read', reads(3, value, [row(3, value, true)])],
  [
    'a zero cell that is read, and an image cell that is not touched',
    reads(4, nothing, [untouched, row(4, nothing, false)]),
  ],
  [
    'an image cell that is written over',
    {
      ...reads(3, value, [{ ...row(3, value, true), last: nothing }]),
      accesses: [{ high: INPUT, low: 3, previousTime: 9, time: 10, before: value, after: nothing }],
    },
  ],
  [
    'an image cell in the private segment',
    {
      width: 'word',
      accesses: [],
      boundary: [cell(6, 0, { first: value, last: value, isImage: true })],
      image: [[6, 0, ...value]],
    },
  ],
];

const refused: readonly (readonly [string, Claim])[] = [
  ['an image cell claimed to start at zero', reads(3, nothing, [row(3, nothing, false)])],
  ['an image cell without a row', reads(4, nothing, [row(4, nothing, false)])],
  ['a zero cell claimed to be image', reads(4, value, [untouched, row(4, value, true)])],
  [
    'an image cell and a zero cell exchanged',
    reads(4, value, [row(3, nothing, false, false), row(4, value, true)]),
  ],
  ['another value than that of the image', reads(3, [8, 1, 0, 9], [row(3, [8, 1, 0, 9], true)])],
  [
    'an image cell of the private segment claimed to be free',
    {
      width: 'word',
      accesses: [{ high: 6, low: 0, previousTime: 9, time: 10, before: [8, 1, 0, 9] }],
      boundary: [
        cell(6, 0, { firstTime: 9, lastTime: 10, first: [8, 1, 0, 9], last: [8, 1, 0, 9] }),
      ],
      image: [[6, 0, ...value]],
    },
  ],
];

describe('the image', () => {
  for (const [what, claim] of accepted) {
    it(`accepts ${what}`, () => {
      expect(reasonsOf(failuresOf(claim))).toEqual([]);
    });
  }

  for (const [what, claim] of refused) {
    it(`refuses ${what}`, () => {
      expect(reasonsOf(failuresOf(claim))).toEqual(['bus image']);
    });
  }

  it('starts a cell once even where the order of rows is not looked at', () => {
    const claim: Claim = {
      ...reads(3, value, [untouched, row(3, value, true)]),
      boundaryCells: { 0: { gap0: 65535, gap1: -1 } },
    };
    expect(reasonsOf(failuresOf(claim, ['gap bits 16 to 28']))).toEqual(['bus image']);
  });

  const counted: readonly (readonly [string, Claim])[] = [
    [
      'left out, so that its cell starts at zero',
      { ...reads(3, nothing, [row(3, nothing, false)]), imageCells: { 0: { sent: 0 } } },
    ],
    [
      'sent twice, for two rows of its cell',
      {
        ...reads(3, value, [untouched, row(3, value, true)]),
        boundaryCells: { 0: { gap0: 65535, gap1: -1 } },
        imageCells: { 0: { sent: 2 } },
      },
    ],
  ];
  for (const [what, claim] of counted) {
    it(`refuses an entry ${what}`, () => {
      const order = 'gap bits 16 to 28';
      expect(reasonsOf(failuresOf(claim, [order, 'each entry once']))).toEqual([]);
      expect(reasonsOf(failuresOf(claim, [order]))).toEqual(['each entry once']);
    });
  }
});
