/**
 * Random programs of one privileged unit that end with an outcome: every instruction, every reason to
 * fault, few registers, addresses that are mostly small. Jumps go mostly forward, so that most runs end.
 */

import { type Label, UnitBuilder } from '../../src/isa/builder.ts';
import { formatOf, instructions, type Mnemonic } from '../../src/isa/instructions.ts';
import { link } from '../../src/isa/linker.ts';
import type { Program } from '../../src/isa/program.ts';
import { statuses } from '../../src/isa/status.ts';
import type { Request } from '../../src/request.ts';
import { wideEdges, wordEdges } from './lane-models.ts';

/** Numbers in [0, bound). */
export type Dice = (bound: number) => number;

const mnemonics = Object.keys(instructions) as Mnemonic[]; // keys of the table
const PLACES = 20;
const POOL = 6;
const OUTPUT_CELLS = 9;
const HEADER_CELLS = 5;
/** Steps of a delay that puts the accesses around it more than 2^16 ticks apart. */
const DELAY = 13_500;

export interface RandomProgramOptions {
  /** A loop so long that accesses across it need refresh rows. */
  readonly delay?: boolean;
}

/** A program that takes no input but private bytes; most runs of it end within some hundred steps. */
export function randomProgram(dice: Dice, { delay = false }: RandomProgramOptions = {}): Program {
  const oneOf = <T>(items: readonly T[]): T => items[dice(items.length)]!;
  const isLikely = (percent: number): boolean => dice(100) < percent;
  const b = new UnitBuilder({
    name: 'random',
    frontend: 'test',
    frontendVersion: 1,
    isPrivileged: true,
  });
  const finish = b.label();
  // Where a return goes that no call made.
  b.entry('invalid', b.here());
  b.emit('jump', finish);
  b.entry('start', b.here());
  const labels: Label[] = Array.from({ length: PLACES }, () => b.label());
  const table = b.table([labels[3]!, labels[17]!, labels[11]!]);
  // Different ones, since the builder keeps each once.
  const firstConstant = dice(wideEdges.length - POOL);
  for (let i = 0; i < POOL; i++) b.constant(wideEdges[firstConstant + i]!);
  b.runtimeEntry(0, labels[18]!);
  b.runtimeEntry(1, labels[12]!);
  emitStart();
  labels.forEach((label, place) => {
    b.place(label);
    for (let i = 0; i < 4; i++) emitRandom(place);
  });
  b.place(finish);
  // Every cell of the output, whatever the code wrote there, is part of the outcome.
  const header = [statuses.returned, 0, 0, 8 * (OUTPUT_CELLS - HEADER_CELLS), 0];
  b.emit('move', 0, 0n);
  header.forEach((value, cell) => {
    b.emit('move', 1, BigInt(value));
    b.emit('st64', 1, 0, 8 * cell, 0, finish);
  });
  b.emit('halt');
  const linked = link({
    vm: 'wasm',
    runtime: b.finish(),
    guests: [],
    exports: [{ name: 'main', parameters: [], results: [] }],
    fpLimit: 24,
    outputBytes: 8 * OUTPUT_CELLS,
    publicBytes: 40,
    privateBytes: 40,
    windows: [
      { window: 3, segment: 3, byteLength: 100, isWritable: true },
      { window: 4, segment: 4, byteLength: 2 ** 32 - 2 ** 16, isWritable: false },
    ],
    globals: [{ global: 3, low: -5, high: 77 }],
    cells: [
      {
        segment: 3,
        cells: Int32Array.of(0, 1, 2, 7, 12),
        lanes: Int32Array.from({ length: 10 }, () => dice(2 ** 16) * dice(2 ** 16)),
      },
    ],
  });
  if (!linked.ok) throw new Error(`${linked.error.code}: ${linked.error.message}`);
  return linked.value;

  function emitStart(): void {
    for (let i = 0; i < 3; i++) b.emit('move', i, oneOf(wordEdges));
    b.emit('move', 4, BigInt(dice(5)));
    b.emit('move', 5, BigInt(dice(90)));
    b.emit('move', 6, BigInt(isLikely(90) ? dice(3000) : 0) << BigInt(16 * dice(3)));
    b.emit('setg', 0, 6);
    if (!delay) return;
    b.emit('move', 6, BigInt(DELAY));
    const again = b.here();
    b.emit('sub', 6, 6, 1n);
    b.emit('bne', 6, 0n, again);
  }

  function emitRandom(place: number): void {
    const name = oneOf(mnemonics);
    if (name === 'halt') return; // the linker wants one
    // Never segment 0: the outcome speaks of the cells of its own window only.
    if (name === 'setm')
      b.emit('move', 6, oneOf([1n, 2n, 3n, 5n, 2n ** 28n - 1n, 2n ** 28n, 2n ** 40n]));
    const { operands, alternative } = formatOf(name);
    const [need, grow] = [dice(3), oneOf([0, 1, 2, 5, 1024])];
    const target = (): Label => {
      const ahead = place + 1 + dice(4);
      return isLikely(85) ? (labels[ahead] ?? finish) : oneOf(labels);
    };
    // Addresses come from r5 more often than not, which few others write.
    const isMemory = operands.some(({ kind }) => kind === 'offset');
    const values = operands.map(({ name: operand, kind }) => {
      if (alternative?.instead === operand && (isLikely(50) || name === 'wnot')) {
        if (name === 'wnot') return 0n;
        if (alternative.kind === 'wordImmediate') return oneOf(wordEdges);
        return isLikely(70) ? BigInt(dice(70)) : BigInt(dice(2 ** 32));
      }
      switch (kind) {
        case 'word':
          if (isMemory && operand === 'rs1' && isLikely(80)) return 5;
          if (name === 'setm' && operand === 'rs1') return 6;
          return name === 'jumpx' || name === 'callx' ? oneOf([4, 4, 0]) : dice(5);
        case 'wide':
          return dice(4);
        case 'global':
          return dice(4);
        case 'window':
          return name === 'setm' ? 5 : dice(6);
        case 'offset':
          return isLikely(90) ? dice(80) : dice(2 ** 32);
        case 'pool':
          return dice(POOL);
        case 'table':
          return table;
        case 'length':
          return 3;
        case 'slide':
          return 1 + dice(8);
        case 'depth':
          return operand === 'need' ? need : grow;
        case 'signedSlide':
          return Math.min(grow, 3) - dice(Math.min(grow, 3) + need + 1);
        case 'gas':
          return isLikely(90) ? dice(50) : dice(2 ** 32);
        case 'entry':
          return dice(2);
        case 'flag':
          return dice(2);
        case 'target':
          return target();
        default:
          throw new Error(`no random operand of kind ${kind}`);
      }
    });
    b.emitOperands(name, values);
  }
}

/** Private bytes for a run, and nothing else. */
export function randomRequest(dice: Dice): Request {
  return { privateInput: Uint8Array.from({ length: dice(33) }, () => dice(256)) };
}
