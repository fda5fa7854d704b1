/** The forgeries of ends, control, flags, limbs and counts: what each tells, and every rule that it breaks. */

import { programDigest } from '../../src/isa/digests.ts';
import { decodeStatement, instanceOf } from '../../src/isa/statement.ts';
import { prepare } from '../../src/proving.ts';
import { Forgery } from './forgery.ts';
import { registers, stageProgram, stageRequest } from './forgery-stage.ts';

export interface ForgeryCase {
  readonly name: string;
  /** The rules that the finished lie breaks: without them it would pass. */
  readonly breaks: readonly string[];
  /** It breaks others besides, which an attacker with more patience could put right. */
  readonly breaksMore?: true;
  /** It stands for its kind: a proof of it is made too. */
  readonly isProven?: true;
  /** The trace to begin with, if not the honest one. */
  readonly from?: () => Forgery;
  readonly tell: (forged: Forgery) => void;
  /** Spoils what is computed from the rest: the order of the boundary, the counts of lookups. */
  readonly finish?: (forged: Forgery) => void;
}

/** The run that leaves at the gate, told as a run of the true program: its statement is the shorter run's. */
function leaveEarly(): Forgery {
  const short = stageProgram({ gate: 'finish' });
  const { instance, trace } = prepare(short, stageRequest, {});
  const decoded = decodeStatement(short, instance.statement);
  if (!decoded.ok) throw new Error('expected a statement');
  const program = stageProgram();
  const statement = { ...decoded.value, programDigest: programDigest(program) };
  return new Forgery(instanceOf(program, statement), trace, program);
}

const WORD = 0;

export const controlForgeries: readonly ForgeryCase[] = [
  {
    name: 'a prefix of a run, with the end put behind it',
    breaks: ['bus execution'],
    isProven: true,
    from: leaveEarly,
    tell: (f) => f.at('gate').clear(),
  },
  {
    name: 'a jump that the program does not have',
    breaks: ['program: jump: fetch'],
    isProven: true,
    from: leaveEarly,
    tell: () => {},
  },
  {
    name: 'a run without its first step',
    breaks: ['bus execution'],
    tell: (f) => f.at('first').clear(),
  },
  {
    name: 'a run that does not halt',
    breaks: ['bus end', 'bus execution'],
    isProven: true,
    tell: (f) => f.at('halt').clear(),
  },
  {
    name: 'a run that halts twice',
    breaks: ['bus end', 'bus execution'],
    isProven: true,
    tell: (f) => f.free('halt').copy(f.at('halt')),
  },
  {
    name: 'a run that goes on after its end',
    breaks: ['bus execution'],
    tell: (f) => {
      const clk = f.at('halt').get('clk') + 1;
      f.free('jump').copy(f.at('gate')).set('clk', clk);
    },
  },
  {
    name: 'two steps in each other’s place',
    breaks: ['bus execution'],
    isProven: true,
    tell: (f) => {
      const [one, other] = [f.at('gate'), f.at('last')];
      const clk = one.get('clk');
      one.set('clk', other.get('clk'));
      other.set('clk', clk);
    },
  },
  {
    name: 'two steps at one time',
    breaks: ['bus execution'],
    tell: (f) => f.free('jump').copy(f.at('gate')),
  },
  {
    name: 'a branch that goes on where it should not',
    breaks: ['branch: next pc', 'bus execution'],
    isProven: true,
    tell: (f) => f.at('branch').set('nextPc', f.pcOf('branch') + 1),
  },
  {
    name: 'an indexed jump to another entry',
    breaks: ['bus execution', 'table: jump-indexed: entry'],
    isProven: true,
    tell: (f) => f.at('jumpx').set('nextPc', f.pcOf('halt')),
  },
  {
    name: 'an indexed jump past the table that takes an entry',
    breaks: ['range: jump-indexed: difference limb 3', 'table: jump-indexed: entry'],
    tell: (f) => {
      const row = f.at('jumpx outside');
      // As if the length were borrowed from above 2^64.
      row.set('difference3', 2 ** 16);
    },
  },
  {
    name: 'a return to where no call came from',
    breaks: ['bus execution', 'bus memory'],
    tell: (f) => f.at('leaf').move('record_pc', 1),
  },
  {
    name: 'a call that does not slide the frame',
    breaks: ['bus execution', 'call: next fp'],
    tell: (f) => f.at('call').set('nextFp', 0),
  },
  {
    name: 'a call deeper than the limit',
    breaks: [
      'bus execution',
      'bus memory',
      'call: next pc',
      'range: call: low bits of the room',
      'range: call: record is later',
    ],
    isProven: true,
    tell: (f) => {
      const row = f.rows('call').findLast((entry) => entry.get('isExhausted') === 1)!;
      row.set('isExhausted', 0).set('nextFp', row.get('slid'));
    },
  },
  {
    name: 'an operand stack of another depth',
    breaks: ['range: block: frame number'],
    isProven: true,
    tell: (f) => f.at('block without entries').set('depth', 3),
  },
  {
    name: 'a constant that the pool does not have',
    breaks: ['bus wide', 'pool: wide-constant: pool'],
    tell: (f) => f.at('small').move('rdAfter_0', 1),
  },
];

export const rowForgeries: readonly ForgeryCase[] = [
  {
    name: 'a padding row that executes',
    breaks: [
      'bus execution',
      'bus memory',
      'program: add-sub: fetch',
      'range: add-sub: rs1 is later',
    ],
    isProven: true,
    tell: (f) => f.free('add-sub').set('is_add', 1),
  },
  {
    name: 'a padding row that reads backwards through its immediate',
    breaks: ['add-sub: padding has no immediate', 'bus memory'],
    isProven: true,
    tell: (f) => f.free('add-sub').set('isImmediate', 1),
  },
  {
    name: 'a padding row that writes backwards through its fault',
    breaks: [
      'bus memory',
      'set-window: fault is any reason',
      'set-window: next pc',
      'set-window: padding does not fault',
    ],
    tell: (f) => f.free('set-window').set('fault', 1),
  },
  {
    name: 'a padding row that refreshes',
    breaks: ['range: word-refresh: gap bits 0 to 15'],
    tell: (f) => f.free('word-refresh').set('real', 1),
  },
  {
    name: 'a row of two instructions',
    breaks: [
      'add-sub: at most one instruction',
      'add-sub: carry 0 of the difference',
      'add-sub: carry 1 of the difference',
      'add-sub: carry 2 of the difference',
      'add-sub: carry 3 of the difference',
      'add-sub: padding has no immediate',
      'bus execution',
      'bus memory',
      'program: add-sub: fetch',
    ],
    isProven: true,
    tell: (f) => f.at('read').set('is_sub', 1),
  },
  {
    name: 'a row of no instruction',
    breaks: ['add-sub: padding has no immediate', 'bus execution', 'bus memory'],
    tell: (f) => f.at('read').set('is_add', 0),
  },
  {
    name: 'a row that is half one instruction and half another',
    breaks: [
      'add-sub: carry 0 of the difference',
      'add-sub: carry 1 of the difference',
      'add-sub: carry 2 of the difference',
      'add-sub: carry 3 of the difference',
      'add-sub: is_add is a bit',
      'add-sub: is_sub is a bit',
      'program: add-sub: fetch',
    ],
    tell: (f) => {
      const half = 2 ** 30;
      f.at('read').set('is_add', half).set('is_sub', half);
    },
  },
  {
    name: 'a sum with a limb below zero',
    breaks: ['range: add-sub: result limb 0'],
    isProven: true,
    tell: (f) => {
      const row = f
        .at('read')
        .move('rdAfter_0', -(2 ** 16))
        .move('rdAfter_1', 1);
      const cell = f.cell(WORD, registers.sum);
      cell.set('last0', row.get('rdAfter_0')).set('last1', row.get('rdAfter_1'));
    },
  },
  {
    name: 'a sum with a limb above 2^16',
    breaks: [
      'add-sub: carry 0 of the sum',
      'range: add-sub: result limb 0',
      'range: add-sub: result limb 1',
    ],
    tell: (f) => {
      const row = f
        .at('read')
        .move('rdAfter_0', 2 ** 16)
        .move('rdAfter_1', -1);
      const cell = f.cell(WORD, registers.sum);
      cell.set('last0', row.get('rdAfter_0')).set('last1', row.get('rdAfter_1'));
    },
  },
  {
    name: 'an operand other than the register of that name, both being one',
    breaks: ['bus memory'],
    tell: (f) => {
      f.at('same register').set('rs2_0', 4).set('rdAfter_0', 7);
      f.cell(WORD, registers.tripled).set('last0', 7);
    },
  },
  {
    name: 'an immediate that the instruction does not have',
    breaks: ['add-sub: immediate limb 0'],
    tell: (f) => {
      f.at('read').set('rs2_0', 41).set('rdAfter_0', 43);
      f.cell(WORD, registers.sum).set('last0', 43);
    },
  },
  {
    name: 'an instruction fetched once more than it is executed',
    breaks: ['program: jump: fetch'],
    isProven: true,
    tell: () => {},
    finish: (f) => f.rows('program-table')[f.pcOf('first')]!.move('count', 1),
  },
  {
    name: 'an instruction fetched -1 times',
    breaks: ['program: halt: fetch'],
    tell: () => {},
    finish: (f) => f.rows('program-table')[f.pcOf('halt')]!.set('count', -1),
  },
  {
    name: 'a range check left out of the count',
    breaks: ['range: add-sub: result limb 0'],
    isProven: true,
    tell: () => {},
    finish: (f) => f.rows('range-table')[2 ** 16 + 5]!.move('count', -1),
  },
];
