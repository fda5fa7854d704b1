/**
 * The program that forgeries are told about: one run through every kind of cell, every way to go on, every
 * reason to fault, both ways, and accesses so far apart that they need refresh rows.
 */

import { UnitBuilder } from '../../src/isa/builder.ts';
import { link } from '../../src/isa/linker.ts';
import type { Program } from '../../src/isa/program.ts';
import { statuses } from '../../src/isa/status.ts';
import type { Request } from '../../src/request.ts';

export interface StageOptions {
  /** Where the jump at `gate` goes: on, as it should, or to the end at once. */
  readonly gate?: 'on' | 'finish';
}

/** Registers that only one part of the program uses. */
export const registers = { stale: 9, sum: 10, tripled: 11, copied: 12, untouched: 13, late: 15 };
export const WIDE_END = 12;
export const privateBytes = Uint8Array.from({ length: 16 }, (_, i) => 17 * i + 1);
export const stageRequest: Request = { privateInput: privateBytes };

const DELAY = 13_500;
const SLIDE = 32;

export function stageProgram({ gate = 'on' }: StageOptions = {}): Program {
  const b = new UnitBuilder({
    name: 'stage',
    frontend: 'test',
    frontendVersion: 1,
    isPrivileged: true,
    // The two variants stand for the same source.
    sourceDigest: new Uint8Array(32),
  });
  const finish = b.label('finish');
  const [leaf, deep] = [b.label('leaf'), b.label('deep')];
  const table = b.table([finish, leaf]);
  const onward = b.label('onward');
  const jumps = b.table([onward, finish, finish]);

  b.entry('invalid', b.here());
  b.emit('jump', finish);
  b.entry('start', b.here());
  b.function('first');
  const begin = b.label();
  b.emit('jump', begin);
  b.place(begin);
  b.emit('move', 0, 0n);
  b.emit('move', 1, 1000n);
  b.emit('setg', 0, 1);

  const either = (name: string, emit: (target: ReturnType<UnitBuilder['label']>) => void): void => {
    const target = b.label(name);
    b.function(name);
    emit(target);
    b.place(target);
  };
  either('block', (t) => b.emit('block', 10, 0, 2, 2, t));
  either('block without gas', (t) => b.emit('block', 5000, 0, 0, 0, t));
  either('block without entries', (t) => b.emit('block', 1, 5, 0, 0, t));
  either('block without room', (t) => b.emit('block', 1, 0, 1024, 0, t));
  b.emit('move', 2, 50n);
  either('charge', (t) => b.emit('charge', 2, t));
  b.emit('move', 3, 2n ** 40n);
  either('charge too much', (t) => b.emit('charge', 3, t));

  either('load', (t) => b.emit('ld64', 4, 0, 0, 3, t));
  either('load past the end', (t) => b.emit('ld64', 4, 0, 60, 3, t));
  either('store', (t) => b.emit('st64', 4, 0, 8, 3, t));
  either('store across', (t) => b.emit('st32', 4, 0, 14, 3, t));
  either('store read-only', (t) => b.emit('st64', 4, 0, 0, 4, t));
  either('store past the end', (t) => b.emit('st64', 4, 0, 64, 3, t));
  either('private', (t) => b.emit('ld64', 5, 0, 8, 2, t));

  b.function('small');
  b.emit('wconst', 0, b.constant(0x1234_5678_9abc_def0n));
  b.function('large');
  b.emit('wconst', 1, b.constant(2n ** 255n + 7n));
  either('load too far', (t) => b.emit('ld64', 4, 3, 0, 3, t));
  either('store too far', (t) => b.emit('st64', 4, 3, 0, 3, t));
  either('wide store', (t) => b.emit('wst', 0, 9n, 3, t));
  either('wide store too far', (t) => b.emit('wst', 0, 1, 3, t));
  either('wide load', (t) => b.emit('wld', 2, 9n, 3, t));
  either('wide load too far', (t) => b.emit('wld', 2, 1, 3, t));
  either('narrow', (t) => b.emit('narrow', 6, 0, t));
  either('narrow too large', (t) => b.emit('narrow', 6, 1, t));
  b.emit('wmove', WIDE_END - 2, 0);

  b.emit('move', 7, 5n);
  b.emit('move', 8, 64n);
  either('setm', (t) => b.emit('setm', 5, 7, 8, 1, t));
  either('setm too large', (t) => b.emit('setm', 5, 3, 8, 1, t));

  b.function('call');
  b.emit('call', SLIDE, leaf);
  b.emit('move', 2, 1n);
  either('callx', (t) => b.emit('callx', 2, table, 2, SLIDE, t));
  either('callx outside', (t) => b.emit('callx', 8, table, 2, SLIDE, t));
  b.function('jumpx');
  b.emit('jumpx', 0, jumps, 3, finish);
  b.place(onward);
  either('jumpx outside', (t) => b.emit('jumpx', 8, jumps, 3, t));

  b.function('first write');
  b.emit('move', registers.stale, 1n);
  b.function('second write');
  b.emit('move', registers.stale, 2n);
  b.function('read');
  b.emit('add', registers.sum, registers.stale, 40n);
  b.emit('move', registers.tripled, 3n);
  b.function('same register');
  b.emit('add', registers.tripled, registers.tripled, registers.tripled);
  b.function('read of nothing');
  b.emit('move', registers.copied, registers.untouched);

  b.function('gate');
  const beyond = b.label();
  b.emit('jump', gate === 'on' ? beyond : finish);
  b.place(beyond);
  b.emit('move', 14, BigInt(DELAY));
  const again = b.here();
  b.emit('sub', 14, 14, 1n);
  b.function('branch');
  b.emit('bne', 14, 0n, again);
  b.emit('wmove', WIDE_END - 1, 0);
  b.function('late read');
  b.emit('add', registers.late, registers.stale, 0n);
  b.function('too deep at last');
  b.emit('call', SLIDE, deep);

  b.place(leaf);
  b.function('leaf');
  b.emit('return');
  b.place(deep);
  b.function('too deep');
  b.emit('call', SLIDE, deep);

  b.place(finish);
  b.runtimeEntry(0, finish);
  b.emit('move', 0, 0n);
  [statuses.returned, 0, 0, 0, 1, 77].forEach((value, cell) => {
    b.emit('move', 1, BigInt(value));
    b.function(`output ${cell}`);
    b.emit('st64', 1, 0, 8 * cell, 0, finish);
  });
  b.function('last');
  const end = b.label();
  b.emit('jump', end);
  b.place(end);
  b.function('halt');
  b.emit('halt');

  const linked = link({
    vm: 'wasm',
    runtime: b.finish(),
    guests: [],
    exports: [{ name: 'main', parameters: [], results: ['i64'] }],
    fpLimit: 4 * SLIDE,
    resultCells: 1,
    windows: [
      { window: 3, segment: 3, byteLength: 64, isWritable: true },
      { window: 4, segment: 4, byteLength: 64, isWritable: false },
    ],
    globals: [{ global: 7, low: 123, high: 456 }],
    cells: [{ segment: 3, cells: Int32Array.of(0, 7), lanes: Int32Array.of(1, 2, 3, 4) }],
  });
  if (!linked.ok) throw new Error(`${linked.error.code}: ${linked.error.message}`);
  return linked.value;
}
