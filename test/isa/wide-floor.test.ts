import { describe, expect, test } from 'vitest';
import type { UnitBuilder } from '../../src/isa/builder.ts';
import { link } from '../../src/isa/linker.ts';
import { buildGuest, buildRuntime, goodGuest, guestWith, linkOrThrow } from '../support/units.ts';

describe('wide registers below the floor', () => {
  type Write = (b: UnitBuilder) => void;
  const fault = (b: UnitBuilder) => b.here();
  const refused: readonly [string, number, Write][] = [
    ['before any block', 0, (b) => b.emit('wmove', 0, -1)],
    ['as destination', 0, (b) => b.emit('wconst', -1, b.constant(1n))],
    ['as third source', 0, (b) => b.emit('waddmod', 0, 0, 0, -1)],
    ['as wide address', 0, (b) => b.emit('wld', 0, -1, 4, fault(b))],
    [
      'behind a block that needs less',
      1,
      (b) => {
        b.emit('block', 0, 2, 0, 0, fault(b));
        b.emit('wadd', -2, -2, -3);
      },
    ],
    [
      'behind a block that sinks',
      1,
      (b) => {
        b.emit('block', 0, 2, 0, -1, fault(b));
        b.emit('wmove', 0, -2);
      },
    ],
    [
      'behind a second block that needs nothing',
      2,
      (b) => {
        b.emit('block', 0, 5, 0, 0, fault(b));
        b.emit('block', 0, 0, 0, 0, fault(b));
        b.emit('wmove', 0, -1);
      },
    ],
    [
      'at the fault target of the block',
      2,
      (b) => {
        const stub = b.label();
        b.emit('block', 0, 5, 0, 0, stub);
        b.emit('jump', stub);
        b.place(stub);
        b.emit('wmove', 0, -1);
      },
    ],
    [
      'where two ways meet, one of them with less',
      4,
      (b) => {
        const meet = b.label();
        b.emit('beq', 0, 0n, meet);
        b.emit('block', 0, 5, 0, 0, fault(b));
        b.emit('jump', meet);
        b.emit('return');
        b.place(meet);
        b.emit('wmove', 0, -1);
      },
    ],
    [
      'in a routine called from elsewhere with less',
      4,
      (b) => {
        const routine = b.label();
        b.emit('call', 1, routine);
        b.emit('block', 0, 5, 0, 0, fault(b));
        b.emit('call', 1, routine);
        b.emit('return');
        b.place(routine);
        b.emit('wmove', 0, -1);
      },
    ],
    [
      'at an entry of an index table',
      2,
      (b) => {
        const entry = b.label();
        b.emit('jumpx', 0, b.table([entry]), 1, entry);
        b.emit('block', 0, 5, 0, 0, fault(b));
        b.place(entry);
        b.emit('wmove', 0, -1);
      },
    ],
    [
      'behind a call through a table',
      1,
      (b) => {
        b.emit('callx', 0, b.table([b.here()]), 1, 1, fault(b));
        b.emit('wmove', 0, -1);
      },
    ],
    [
      'behind a call of the runtime',
      1,
      (b) => {
        b.emit('callr', 0, 1);
        b.emit('wmove', 0, -1);
      },
    ],
  ];
  test.each(refused)('are refused %s', (_, pc, write) => {
    const guest = guestWith(write, { allowedWindows: [4] });
    expect(link({ vm: 'evm', runtime: buildRuntime(), guests: [guest] })).toMatchObject({
      ok: false,
      error: { code: 'wide-register-below-frame', unit: 'guest', pc },
    });
  });

  const accepted: readonly [string, Write][] = [
    [
      'what the block needed, where it slides',
      (b) => {
        b.emit('block', 0, 2, 0, -1, fault(b));
        b.emit('wadd', -1, 0, -1);
      },
    ],
    [
      'what the block grew by',
      (b) => {
        b.emit('block', 0, 0, 3, 3, fault(b));
        b.emit('wadd', -3, -2, -1);
      },
    ],
    ['above the stack, up to 1023', (b) => b.emit('wmove', 1023, 0)],
    [
      'the same in a routine whose callers all have it',
      (b) => {
        const routine = b.label();
        b.emit('block', 0, 2, 0, 0, fault(b));
        b.emit('call', 1, routine);
        b.emit('wmove', 0, -2);
        b.emit('return');
        b.place(routine);
        b.emit('wmove', 0, -2);
      },
    ],
    [
      'round a retry by way of a stub',
      (b) => {
        const stub = b.label();
        b.emit('block', 0, 1, 0, 0, fault(b));
        const retry = b.here();
        b.emit('wld', -1, -1, 4, stub);
        b.emit('return');
        b.place(stub);
        b.emit('callr', 0, 1);
        b.emit('jump', retry);
      },
    ],
    ['an immediate in the place of a register', (b) => b.emit('wadd', 0, 0, 5n)],
    [
      'in code that is never reached',
      (b) => {
        b.emit('return');
        b.emit('wmove', 0, -1);
      },
    ],
    [
      'behind a block that can only fault',
      (b) => {
        b.emit('block', 0, 1024, 5, 5, fault(b));
        b.emit('wmove', 0, -1024);
      },
    ],
  ];
  test.each(accepted)('are allowed: %s', (_, write) => {
    const guest = guestWith(write, { allowedWindows: [4] });
    expect(link({ vm: 'evm', runtime: buildRuntime(), guests: [guest] })).toMatchObject({
      ok: true,
    });
  });

  test("are the runtime's own business", () => {
    const runtime = buildRuntime((b) => b.emit('wmove', 0, -1));
    expect(linkOrThrow({ runtime, guests: [goodGuest()] }).units.length).toBe(2);
  });

  test('cost linear time: floors that meet a hundred thousand times', () => {
    const guest = buildGuest((b) => {
      const start = b.here();
      for (let i = 0; i < 50_000; i++) {
        b.emit('block', 0, 1 + (i % 1000), 0, 0, start);
        b.emit('wbeq', -1, -1, start);
      }
      b.emit('jump', start);
    });
    expect(link({ vm: 'evm', runtime: buildRuntime(), guests: [guest] }).ok).toBe(true);
  });
});
