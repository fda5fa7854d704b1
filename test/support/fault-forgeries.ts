/** Faults taken where there is none, and passed over where there is one. */

import type { ForgeryCase } from './forgery-list.ts';

const flips: readonly [place: string, flag: string, breaks: readonly string[]][] = [
  ['load', 'fault', ['load: fault is any reason']],
  ['load past the end', 'fault', ['load: fault is any reason', 'range: load: crossing']],
  ['store', 'fault', ['store: fault is any reason']],
  ['store read-only', 'fault', ['store: fault is any reason']],
  ['store past the end', 'fault', ['store: fault is any reason']],
  ['block', 'fault', ['block: fault is any reason']],
  ['block without gas', 'fault', ['block: fault is any reason']],
  [
    'block without entries',
    'lacksEntries',
    ['block: fault is any reason', 'range: block: entries'],
  ],
  ['block without room', 'lacksRoom', ['block: fault is any reason', 'range: block: room']],
  ['block', 'lacksEntries', ['block: fault is any reason', 'range: block: entries']],
  ['block', 'lacksRoom', ['block: fault is any reason', 'range: block: room']],
  ['charge', 'fault', ['charge: fault is the borrow']],
  ['charge too much', 'fault', ['charge: fault is the borrow']],
  ['narrow', 'fault', ['narrow: fault is 0 for zero']],
  ['narrow too large', 'fault', ['narrow: fault is 0 for zero', 'narrow: fault is 1 for others']],
  ['setm', 'fault', ['set-window: fault is any reason']],
  ['setm', 'isHigh', ['range: set-window: segment', 'set-window: fault is any reason']],
  ['setm too large', 'fault', ['set-window: fault is any reason']],
  ['call', 'isExhausted', ['range: call: low bits of the room', 'table: call: runtime entry 0']],
  ['callx', 'enters', ['call-indexed: enters', 'table: call-indexed: runtime entry 0']],
  [
    'callx outside',
    'enters',
    ['call-indexed: enters', 'table: call-indexed: entry', 'table: call-indexed: runtime entry 0'],
  ],
];

export const faultForgeries: readonly ForgeryCase[] = flips.map(([place, flag, breaks]) => ({
  name: `${place}: ${flag} told the other way`,
  breaks,
  breaksMore: true,
  tell(f) {
    const row = f.at(place);
    row.set(flag, 1 - row.get(flag));
  },
}));
