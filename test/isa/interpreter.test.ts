/** The interpreter at its edges: each fault one step before and after it, the end of a run, and the host's limits. */

import { describe, expect, test } from 'vitest';
import type { Label, UnitBuilder } from '../../src/isa/builder.ts';
import { run } from '../../src/isa/interpreter.ts';
import type { LinkOptions } from '../../src/isa/linker.ts';
import { eventsOf } from '../../src/isa/trace.ts';
import { emptyInput, programOf } from '../support/machine-programs.ts';

const LENGTH = 70_000;
const windows: NonNullable<LinkOptions['windows']> = [
  { window: 3, segment: 3, byteLength: LENGTH, isWritable: true },
  { window: 4, segment: 3, byteLength: LENGTH, isWritable: false },
  { window: 5, segment: 4, byteLength: 2 ** 32 - 2 ** 16, isWritable: true },
];

interface Edge {
  readonly name: string;
  readonly faults: boolean;
  readonly code: (b: UnitBuilder, fault: Label) => void;
  readonly gas?: number;
}

/** Whether the code goes to the label, as the output tells: 1 where it goes on, 2 at the label. */
function goesToLabel(
  code: (b: UnitBuilder, label: Label) => void,
  gas = 0,
  options: Partial<LinkOptions> = {},
): boolean {
  const program = programOf(
    (b, end) => {
      const label = b.label();
      const zero = 30;
      code(b, label);
      b.emit('move', 31, 1n);
      b.emit('st8', 31, zero, 0, 0, end);
      b.emit('jump', end);
      b.place(label);
      b.emit('move', 31, 2n);
      b.emit('st8', 31, zero, 0, 0, end);
    },
    { windows, ...options },
  );
  const { status, output } = run(program, emptyInput(gas), { maxSteps: 100_000 });
  expect(status).toBe('halted');
  const cell = new Int32Array(2);
  output.readCell(cell, 0, 0);
  expect([1, 2]).toContain(cell[0]);
  return cell[0] === 2;
}

const loads = ['ld8u', 'ld16u', 'ld32u', 'ld64', 'ld8s', 'ld16s', 'ld32s', 'ld8s32', 'ld16s32'];
const stores = ['st8', 'st16', 'st32', 'st64'];
const bytesOf = (name: string): number => Number(/\d+/.exec(name)?.[0]) / 8;

const memoryEdges: Edge[] = [...loads, ...stores].flatMap((name): Edge[] => {
  const bytes = bytesOf(name);
  const isStore = name.startsWith('st');
  const at = (
    what: string,
    base: bigint,
    offset: number,
    window: number,
    faults: boolean,
  ): Edge => ({
    name: `${name} ${what}`,
    faults,
    code: (b, fault) => {
      b.emit('move', 1, base);
      b.emitOperands(name as 'ld8u' | 'st8', [2, 1, offset, window, fault]); // from the lists above
    },
  });
  return [
    at('at the last place of the window', BigInt(LENGTH - bytes), 0, 3, false),
    at('one byte past the window', BigInt(LENGTH - bytes + 1), 0, 3, true),
    at('at the last place by its offset', 5n, LENGTH - bytes - 5, 3, false),
    at('one byte past the window by its offset', 5n, LENGTH - bytes - 4, 3, true),
    at('with an upper half in the address', 2n ** 32n, 0, 3, true),
    at('with a negative address that the offset would cancel', 2n ** 64n - 8n, 8, 3, true),
    at('with a sum of 2^32', 2n ** 32n - 8n, 8, 5, true),
    at('at the end of the greatest window', 2n ** 32n - 2n ** 16n - BigInt(bytes), 0, 5, false),
    at('past the greatest window', 2n ** 32n - 2n ** 16n - BigInt(bytes) + 1n, 0, 5, true),
    at('through a read-only window', 0n, 0, 4, isStore),
    at('through a window that was never set', 0n, 0, 9, true),
  ];
});

const wideEdges: Edge[] = (['wld', 'wst'] as const).flatMap((name): Edge[] => {
  const at = (what: string, address: bigint, window: number, faults: boolean): Edge => ({
    name: `${name} ${what}`,
    faults,
    code: (b, fault) => {
      b.emit('wconst', 0, b.constant(address));
      b.emit(name, 1, 0, window, fault);
    },
  });
  return [
    at('at the last place of the window', BigInt(LENGTH - 32), 3, false),
    at('one byte past the window', BigInt(LENGTH - 31), 3, true),
    ...[32, 64, 128, 255].map((bit) =>
      at(`with bit ${bit} in the address`, 2n ** BigInt(bit), 3, true),
    ),
    at('through a read-only window', 8n, 4, name === 'wst'),
    at('one byte past 2^32', 2n ** 32n - 31n, 5, true),
    {
      name: `${name} at an immediate address, the last place`,
      faults: false,
      code: (b, fault) => b.emit(name, 1, BigInt(LENGTH - 32), 3, fault),
    },
    {
      name: `${name} at an immediate address, one past it`,
      faults: true,
      code: (b, fault) => b.emit(name, 1, BigInt(LENGTH - 31), 3, fault),
    },
  ];
});

const otherEdges: Edge[] = [
  ...(
    [
      ['block with exactly the gas', 0, 0, 0, 100, 100, false],
      ['block with one gas too little', 0, 0, 0, 101, 100, true],
      ['block with the depth needed', 2, 0, 0, 0, 0, false],
      ['block with one entry too few', 3, 0, 0, 0, 0, true],
      ['block growing to the limit', 0, 1022, 0, 0, 0, false],
      ['block growing past the limit', 0, 1023, 0, 0, 0, true],
    ] as const
  ).map(
    ([name, need, grow, slide, cost, gas, faults]): Edge => ({
      name,
      faults,
      gas,
      code: (b, fault) => {
        b.emit('block', 0, 0, 2, 2, fault); // depth 2
        b.emit('block', cost, need, grow, slide, fault);
      },
    }),
  ),
  ...(
    [
      ['charge of all the gas', 100n, 100, false],
      ['charge of one more than all', 101n, 100, true],
      ['charge of 2^32', 2n ** 32n, 100, true],
      ['charge of 0 from 0', 0n, 0, false],
    ] as const
  ).map(
    ([name, cost, gas, faults]): Edge => ({
      name,
      faults,
      gas,
      code: (b, fault) => {
        b.emit('move', 1, cost);
        b.emit('charge', 1, fault);
      },
    }),
  ),
  ...(
    [
      ['narrow of 2^64 - 1', 2n ** 64n - 1n, false],
      ['narrow of 2^64', 2n ** 64n, true],
      ['narrow of 2^255', 2n ** 255n, true],
    ] as const
  ).map(
    ([name, value, faults]): Edge => ({
      name,
      faults,
      code: (b, fault) => {
        b.emit('wconst', 0, b.constant(value));
        b.emit('narrow', 1, 0, fault);
      },
    }),
  ),
  ...(
    [
      ['setm of the greatest segment and length', 2n ** 28n - 1n, 2n ** 32n - 1n, false],
      ['setm of segment 2^28', 2n ** 28n, 8n, true],
      ['setm of segment 2^32', 2n ** 32n, 8n, true],
      ['setm of length 2^32', 5n, 2n ** 32n, true],
    ] as const
  ).map(
    ([name, segment, length, faults]): Edge => ({
      name,
      faults,
      code: (b, fault) => {
        b.emit('move', 1, segment);
        b.emit('move', 2, length);
        b.emit('setm', 6, 1, 2, 1, fault);
      },
    }),
  ),
  ...(['jumpx', 'callx'] as const).flatMap((name) =>
    (
      [
        ['the last index', 2n, false],
        ['the length as index', 3n, true],
        ['an index of 2^32', 2n ** 32n, true],
        ['a negative index', 2n ** 64n - 1n, true],
      ] as const
    ).map(
      ([what, index, faults]): Edge => ({
        name: `${name} with ${what}`,
        faults,
        code: (b, fault) => {
          const inside = b.label();
          const table = b.table([inside, inside, inside]);
          b.emit('move', 1, index);
          if (name === 'jumpx') b.emit('jumpx', 1, table, 3, fault);
          else b.emit('callx', 1, table, 3, 40, fault);
          b.place(inside);
        },
      }),
    ),
  ),
];

describe('a fault happens exactly where it must', () => {
  test.each([...memoryEdges, ...wideEdges, ...otherEdges])(
    '$name: faults $faults',
    ({ faults, code, gas }) => {
      expect(goesToLabel(code, gas)).toBe(faults);
    },
  );

  test.each([
    [15, false],
    [16, true],
    [17, true],
  ])('a call that would bring fp to %i of a limit of 16: faults %s', (fp, faults) => {
    const program = programOf(
      (b, end) => {
        const callee = b.label();
        const exhausted = b.label();
        b.runtimeEntry(0, exhausted);
        b.emit('call', fp, callee);
        b.place(callee);
        b.emit('move', 0, 1n);
        b.emit('move', 1, 0n);
        b.emit('st8', 0, 1, 0, 0, end);
        b.emit('jump', end);
        b.place(exhausted);
        b.emit('move', 0, 2n);
        b.emit('st8', 0, 1, 0, 0, end);
      },
      { ownEntries: true, fpLimit: 16 },
    );
    const { output } = run(program, emptyInput());
    const cell = new Int32Array(2);
    output.readCell(cell, 0, 0);
    expect(cell[0]).toBe(faults ? 2 : 1);
  });

  test('depth counts within one stretch of 2048, so block looks at sp mod 2048', () => {
    // Slides of at most 1024 keep sp in the first stretch: growing further faults there.
    const isFull = goesToLabel((b, fault) => {
      b.emit('block', 0, 0, 1024, 1024, fault);
      b.emit('block', 0, 1024, 0, 0, fault);
      b.emit('block', 0, 0, 1, 1, fault);
    });
    expect(isFull).toBe(true);
  });
});

/** Counts down from r1, then halts. */
const countdown = (from: bigint) =>
  programOf((b) => {
    b.emit('move', 1, from);
    b.emit('move', 9, 5n);
    b.while(['bne', 1, 0n], () => b.emit('sub', 1, 1, 1n));
    b.emit('move', 2, 9);
  });

describe('a run', () => {
  test('ends at halt, whose clock it reports', () => {
    const program = programOf((b) => {
      b.emit('add', 1, 1, 1n); // 3 ticks
      b.emit('move', 2, 1); // 2 ticks
    });
    const result = run(program, emptyInput(), { trace: true });
    expect([result.status, result.steps, result.clkEnd]).toEqual(['halted', 3, 6]);
    expect(result.recording?.clkEnd).toBe(6);
    const halts = result.recording && eventsOf(result.recording, 'halt');
    expect([...(halts?.data ?? [])]).toEqual([3, 6, 0, 0]);
  });

  test('ends in the stub at pc 0 by a return without a call', () => {
    const result = run(
      programOf((b) => b.emit('return')),
      emptyInput(),
      { trace: true },
    );
    expect(result.status).toBe('halted');
    const jumps = result.recording && eventsOf(result.recording, 'jump');
    expect(jumps?.data[0]).toBe(0);
  });

  test.each([false, true])(
    'is ended by the limit of steps, with nothing to prove; trace %s',
    (trace) => {
      const program = programOf((b) => b.loop(() => b.emit('add', 1, 1, 1n)));
      const result = run(program, emptyInput(), { maxSteps: 12_345, trace });
      expect([result.status, result.steps]).toEqual(['step-limit', 12_345]);
      expect(result.recording).toBeUndefined();
    },
  );

  test('may take exactly as many steps as the limit', () => {
    const program = programOf((b) => b.emit('move', 1, 1n));
    expect(run(program, emptyInput(), { maxSteps: 2 }).status).toBe('halted');
    expect(run(program, emptyInput(), { maxSteps: 1 }).status).toBe('step-limit');
    expect(run(program, emptyInput(), { maxSteps: 0 }).steps).toBe(0);
  });

  test.each([false, true])(
    'is ended by the limit of memory, with nothing to prove; trace %s',
    (trace) => {
      const program = programOf(
        (b, end) => {
          b.loop(() => {
            b.emit('st8', 2, 1, 0, 5, end);
            b.emit('add', 1, 1, 65536n);
          });
        },
        { windows },
      );
      const result = run(program, emptyInput(), { maxMemoryBytes: 2 ** 23, trace });
      expect(result.status).toBe('memory-limit');
      expect(result.recording).toBeUndefined();
      const tiny = run(program, emptyInput(), { maxMemoryBytes: 1000, trace });
      expect([tiny.status, tiny.steps]).toEqual(['memory-limit', 0]);
    },
  );

  test('records within the limit of memory or not at all', () => {
    const program = countdown(100_000n);
    expect(run(program, emptyInput(), { maxMemoryBytes: 2 ** 20 }).status).toBe('halted');
    expect(run(program, emptyInput(), { maxMemoryBytes: 2 ** 20, trace: true }).status).toBe(
      'memory-limit',
    );
  });

  test('refreshes a register that was left alone for long, and no other', () => {
    const { recording } = run(countdown(100_000n), emptyInput(), { trace: true });
    const rows = recording?.refreshes.word;
    expect(rows?.count).toBe(1);
    const [high, low, from, to, ...value] = [...(rows?.data ?? [])];
    expect([high, low, ...value]).toEqual([0, 9, 5, 0, 0, 0]);
    const moves = recording && eventsOf(recording, 'move');
    const last = moves?.data.subarray((moves.count - 1) * moves.words) ?? [];
    // r9 was written at clk 3, slot 1; the last move reads it one tick after the refresh.
    expect(from).toBe(4);
    expect(to).toBe(last[1] - 1);
    expect(last[4]).toBe(to);
  });

  test('finds a cell that it never accessed before one tick old', () => {
    const { recording } = run(
      programOf((b) => b.emit('move', 1, 7n)),
      emptyInput(),
      { trace: true },
    );
    const { word, wide } = recording?.boundary ?? {};
    expect(wide?.count).toBe(0);
    // high, low, first and last time, first value, last value
    expect([...(word?.data ?? [])]).toEqual([0, 1, 1, 2, 0, 0, 0, 0, 7, 0, 0, 0]);
  });

  test('shows each step to the caller, who may end it by the signal', () => {
    const program = countdown(100n);
    const seen: number[] = [];
    run(program, emptyInput(), { onStep: ({ pc }) => seen.push(pc), maxSteps: 4 });
    expect(seen).toEqual([1, 2, 3, 5, 4]);
    const controller = new AbortController();
    let steps = 0;
    const options = {
      signal: controller.signal,
      onStep: () => {
        steps += 1;
        if (steps === 10) controller.abort(new Error('enough'));
      },
    };
    expect(() => run(program, emptyInput(), options)).toThrow('enough');
    expect(steps).toBe(10);
  });

  test('refuses an input of the wrong shape', () => {
    const program = countdown(1n);
    expect(() => run(program, { ...emptyInput(), gas: new Int32Array(1) })).toThrow(TypeError);
    expect(() => run(program, { ...emptyInput(), publicInput: new Int32Array(3) })).toThrow(
      TypeError,
    );
  });

  test('gives back registers of returned frames as they were left', () => {
    const program = programOf((b, end) => {
      const callee = b.label();
      b.emit('call', 2, callee);
      b.emit('call', 2, callee);
      b.emit('move', 1, 0n);
      b.emit('st64', 5, 1, 0, 0, end);
      b.emit('jump', end);
      b.place(callee);
      b.emit('add', 3, 3, 1n);
      b.emit('return');
    });
    const cell = new Int32Array(2);
    run(program, emptyInput()).output.readCell(cell, 0, 0);
    expect([...cell]).toEqual([2, 0]);
  });

  test('calls deep: frames beyond the first stretch of registers keep their values', () => {
    const depth = 50_000n;
    const program = programOf(
      (b, end) => {
        const recurse = b.label();
        const leaf = b.label();
        b.emit('move', 2, depth);
        b.emit('call', 2, recurse);
        b.emit('move', 1, 0n);
        b.emit('st64', 3, 1, 0, 0, end);
        b.emit('jump', end);
        // recurse(r0 = n) -> r1 = n + (n - 1) + ... + 1
        b.place(recurse);
        b.emit('beq', 0, 0n, leaf);
        b.emit('sub', 2, 0, 1n);
        b.emit('call', 2, recurse);
        b.emit('add', 1, 3, 0);
        b.emit('return');
        b.place(leaf);
        b.emit('move', 1, 0n);
        b.emit('return');
      },
      { fpLimit: 2 ** 17 },
    );
    const cell = new Int32Array(2);
    for (const trace of [false, true]) {
      const { status, output } = run(program, emptyInput(), { trace });
      expect(status).toBe('halted');
      output.readCell(cell, 0, 0);
      expect(BigInt(cell[0] >>> 0) + (BigInt(cell[1]) << 32n)).toBe((depth * (depth + 1n)) / 2n);
    }
  });
});
