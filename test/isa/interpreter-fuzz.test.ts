/** Random programs of all instructions: interpreter and recorder against the reference machine. */

import { describe, expect, test } from 'vitest';
import type { Label, UnitBuilder } from '../../src/isa/builder.ts';
import { execute } from '../../src/isa/execute.ts';
import { formatOf, instructions, type Mnemonic } from '../../src/isa/instructions.ts';
import { run } from '../../src/isa/interpreter.ts';
import type { Program } from '../../src/isa/program.ts';
import { Recorder } from '../../src/isa/recorder.ts';
import { MachineState, type RunInput } from '../../src/isa/state.ts';
import { wideEdges, wordEdges } from '../support/lane-models.ts';
import { programOf } from '../support/machine-programs.ts';
import { differences, firstValues, type LoggedStep } from '../support/recording-check.ts';
import { ReferenceMachine } from '../support/reference-machine.ts';

/** A small seeded generator (mulberry32): numbers in [0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const mnemonics = Object.keys(instructions) as Mnemonic[]; // keys of the table
const PLACES = 36;
const POOL = 6;

/** A random program: jumps anywhere, few registers, addresses that are mostly small. */
function randomProgram(random: () => number): Program {
  const below = (count: number): number => Math.floor(random() * count);
  const oneOf = <T>(items: readonly T[]): T => items[below(items.length)];
  return programOf(
    (b, end) => {
      const labels: Label[] = Array.from({ length: PLACES }, () => b.label());
      const table = b.table([labels[3], labels[30], labels[17]]);
      // Different ones, since the builder keeps each once.
      const first = below(wideEdges.length - POOL);
      for (let i = 0; i < POOL; i++) b.constant(wideEdges[first + i]);
      b.runtimeEntry(0, labels[20]);
      b.runtimeEntry(1, labels[10]);
      for (let i = 0; i < 3; i++) b.emit('move', i, oneOf(wordEdges));
      b.emit('move', 4, BigInt(below(3)));
      b.emit('move', 5, BigInt(below(80)));
      for (const label of labels) {
        b.place(label);
        for (let i = 0; i < 3; i++) emitRandom(b, labels, table);
      }
      b.emit('jump', end);
    },
    {
      ownEntries: true,
      fpLimit: 9,
      outputBytes: 70,
      publicBytes: 64,
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
          lanes: Int32Array.from({ length: 10 }, () => below(2 ** 32)),
        },
      ],
    },
  );

  function emitRandom(b: UnitBuilder, labels: readonly Label[], table: number): void {
    const name = oneOf(mnemonics);
    if (name === 'halt') return; // the linker wants one
    const { operands, alternative } = formatOf(name);
    const [need, grow] = [below(3), oneOf([0, 1, 2, 5, 1024])];
    // Addresses come from r5 more often than not, which nothing else writes.
    const isMemory = operands.some(({ kind }) => kind === 'offset');
    const values = operands.map(({ name: operand, kind }) => {
      if (alternative?.instead === operand && (random() < 0.5 || name === 'wnot')) {
        if (name === 'wnot') return 0n;
        if (alternative.kind === 'wordImmediate') return oneOf(wordEdges);
        return random() < 0.7 ? BigInt(below(70)) : BigInt(below(2 ** 32));
      }
      switch (kind) {
        case 'word':
          if (isMemory && operand === 'rs1' && random() < 0.8) return 5;
          return name === 'jumpx' || name === 'callx' ? oneOf([4, 4, 0]) : below(5);
        case 'wide':
          return below(4);
        case 'global':
          return below(4);
        case 'window':
          return name === 'setm' ? 5 : below(6);
        case 'offset':
          return random() < 0.9 ? below(70) : below(2 ** 32);
        case 'pool':
          return below(POOL);
        case 'table':
          return table;
        case 'length':
          return 3;
        case 'slide':
          return 1 + below(3);
        case 'depth':
          return operand === 'need' ? need : grow;
        case 'signedSlide':
          return Math.min(grow, 3) - below(Math.min(grow, 3) + need + 1);
        case 'gas':
          return random() < 0.9 ? below(50) : below(2 ** 32);
        case 'entry':
          return below(2);
        case 'flag':
          return below(2);
        case 'target':
          return oneOf(labels);
        default:
          throw new Error(`no random operand of kind ${kind}`);
      }
    });
    b.emitOperands(name, values);
  }
}

const lanes = (random: () => number, count: number): Int32Array =>
  Int32Array.from({ length: count }, () => Math.floor(random() * 2 ** 32));

/** Cells of the reference machine that stand otherwise in the memory of the interpreter. */
function wrongCells(state: MachineState, reference: ReferenceMachine): string[] {
  const { memory } = state;
  const cell = new Int32Array(2);
  return [...reference.cells].flatMap(([name, expected]) => {
    const [bus, high, low] = name.split(' ');
    const [space, at] = [Number(high), Number(low)];
    let words: number[];
    if (bus === 'wide') words = [...memory.wides.subarray(memory.wideBase + 8 * at).subarray(0, 8)];
    else if (space === 0) {
      words = [...memory.words.subarray(memory.wordBase + 2 * at).subarray(0, 2)];
    } else if (space === 1) words = [...memory.globals.subarray(2 * at, 2 * at + 2)];
    else if (space === 2) {
      const [segment, length, writable] = memory.windows.subarray(3 * at, 3 * at + 3);
      const got = [segment, length & 0xffff, length >>> 16, writable];
      return got.join() === expected.join() ? [] : [`${name}: ${got}, expected ${expected}`];
    } else if (space === 3) {
      const got = [...memory.records.subarray(3 * at, 3 * at + 3), 0];
      return got.join() === expected.join() ? [] : [`${name}: ${got}, expected ${expected}`];
    } else {
      memory.segment(space - 4).readCell(cell, 0, at);
      words = [...cell];
    }
    const got = words.flatMap((lane) => [lane & 0xffff, lane >>> 16]);
    return got.join() === expected.join() ? [] : [`${name}: ${got}, expected ${expected}`];
  });
}

const executed = new Map<Mnemonic, number>();
const faulted = new Set<Mnemonic>();
let refreshes = 0;

describe('random programs run as on the reference machine, and their recordings balance', () => {
  test.each(Array.from({ length: 12 }, (_, i) => i))('seed %i', (seed) => {
    const random = randomFrom(seed);
    for (let repeat = 0; repeat < 20; repeat++) {
      const program = randomProgram(random);
      const input: RunInput = {
        publicInput: lanes(random, 16),
        privateInput: lanes(random, 10),
        gas: Int32Array.of(Math.floor(random() * 400), random() < 0.2 ? 1 : 0),
      };
      const gas = BigInt(input.gas[0]) + 2n ** 32n * BigInt(input.gas[1]);
      const reference = new ReferenceMachine(program, input.publicInput, input.privateInput, gas);
      const initial = new Map(reference.cells);
      const state = new MachineState(program, input, 2 ** 30);
      const recorder = new Recorder(state);
      const steps: LoggedStep[] = [];
      while (steps.length < 120 && !reference.isHalted) {
        // A machine that waited: later accesses need refresh rows.
        if (random() < 0.05) {
          const pause = 2 ** 16 - 3 + Math.floor(random() * 6);
          state.clk += pause;
          reference.clk += pause;
        }
        const before = [reference.pc, reference.clk, reference.fp, reference.sp] as const;
        const name = reference.step();
        execute(state, 1, recorder);
        steps.push({ name, state: before, accesses: reference.log });
        const got = [state.pc, state.clk, state.fp, state.sp, state.isHalted];
        const pc = reference.isHalted ? before[0] : reference.pc;
        const wanted = [pc, reference.clk, reference.fp, reference.sp, reference.isHalted];
        if (got.join() !== wanted.join()) expect([name, got]).toEqual([name, wanted]);
        executed.set(name, (executed.get(name) ?? 0) + 1);
        if (instructions[name].flow === 'fault' && reference.pc !== before[0] + 1) {
          faulted.add(name);
        }
      }
      expect(wrongCells(state, reference)).toEqual([]);
      const recording = recorder.finish(state, input);
      expect(differences(recording, steps)).toEqual([]);
      refreshes += recording.refreshes.word.count + recording.refreshes.wide.count;
      for (const [cell, first] of firstValues(recording)) {
        const expected = initial.get(cell) ?? first.map(() => 0);
        if (expected.join() !== first.join()) expect([cell, first]).toEqual([cell, expected]);
      }
    }
  });

  test('a run without recording ends as one with it', () => {
    const random = randomFrom(99);
    for (let i = 0; i < 40; i++) {
      const program = randomProgram(random);
      const input = {
        publicInput: lanes(random, 16),
        privateInput: lanes(random, 10),
        gas: Int32Array.of(200, 0),
      };
      const limits = { maxSteps: 3000 };
      const plain = run(program, input, limits);
      const traced = run(program, input, { ...limits, trace: true });
      expect([traced.status, traced.steps, traced.clkEnd]).toEqual([
        plain.status,
        plain.steps,
        plain.clkEnd,
      ]);
      expect(traced.recording !== undefined).toBe(traced.status === 'halted');
    }
  });

  test('every mnemonic was executed, every one that can fault did, and cells were refreshed', () => {
    const missing = mnemonics.filter((name) => (executed.get(name) ?? 0) < 5);
    expect(missing).toEqual([]);
    const canFault = mnemonics.filter((name) => instructions[name].flow === 'fault');
    expect(canFault.filter((name) => !faulted.has(name))).toEqual([]);
    expect(refreshes).toBeGreaterThan(100);
  });
});
