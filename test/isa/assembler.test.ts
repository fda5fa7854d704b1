import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/isa/assembler.ts';
import { UnitBuilder } from '../../src/isa/builder.ts';
import { unitDigest } from '../../src/isa/digests.ts';
import { disassemble, disassembleProgram } from '../../src/isa/disassembler.ts';
import type { Unit } from '../../src/isa/program.ts';
import { anyUnit, draftOf, emitDraft, mnemonics } from '../support/arbitrary-units.ts';
import { buildGuest, linkOrThrow } from '../support/units.ts';

const seed = 20_240_602;

const read = (text: string): Unit => {
  const assembled = assemble(text);
  if (!assembled.ok) throw new Error(`line ${assembled.error.line}: ${assembled.error.message}`);
  return assembled.value;
};

test('text becomes the unit that the builder makes', () => {
  const b = new UnitBuilder({
    name: 'powers',
    frontend: 'text',
    frontendVersion: 1,
    allowedWindows: [3],
    allowedGlobals: [1],
  });
  const fault = b.label();
  const again = b.label();
  b.constant(2n ** 255n);
  b.table([again, fault]);
  b.entry('main', again);
  b.at(12);
  b.function('main');
  b.place(again);
  b.emit('move', 0, -1n);
  b.emit('add', 2, 3, 4);
  b.emit('add', 2, 3, 0xffn);
  b.emit('ld32u', 2, 3, 16, 3, fault);
  b.emit('block', 100, 2, 1, -1, fault);
  b.emit('wadd', -1, 0, 7n);
  b.emit('wconst', 0, 0);
  b.emit('getg', 1, 1);
  b.emit('jumpx', 2, 0, 2, fault);
  b.place(fault);
  b.emit('return');
  const text = `
    .unit "powers"          ; a comment; and "more"
    .windows m3
    .globals g1
    .constant c0 0x8${'0'.repeat(63)}
    .table t0 again, fault
    .entry "main" again
    .at 12
    .function "main"
    again:
      move r0, -1
      add r2, r3, r4
      add r2, r3, 0xff
      ld32u r2, r3, 16, m3, fault
      block 100, 2, 1, -1, fault
      wadd w[-1], w[0], 7
      wconst w[0], c0
      getg r1, g1
      jumpx r2, t0, 2, fault
    fault:
      return
  `;
  expect(read(text)).toEqual(b.finish());
});

test('a unit is printed like this', () => {
  const guest = buildGuest(
    (b) => {
      const fault = b.label();
      b.at(3);
      b.emit('block', 7, 2, 0, -1, fault);
      b.emit('wadd', -1, 0, -1);
      b.at(4);
      b.emit('sub', 1, 2, -5n);
      b.emit('st8', 1, 2, 4096, 3, fault);
      b.place(fault);
      b.emit('jumpr', 0);
    },
    { sourceDigest: new Uint8Array(32).fill(0xab), allowedWindows: [3] },
  );
  expect(disassemble(guest)).toBe(`.unit "guest" "test" 1
.source 0x${'ab'.repeat(32)}
.windows m3
.entry "main" L0
L0:
.at 3
  block    7, 2, 0, -1, L4
  wadd     w[-1], w[0], w[-1]
.at 4
  sub      r1, r2, -5
  st8      r1, r2, 4096, m3, L4
L4:
  jumpr    0
`);
  const text = disassembleProgram(
    linkOrThrow({ guests: [guest], globals: [{ global: 1, low: -1, high: 1 }] }),
  );
  expect(text).toContain('; wasm program, entry 3, fp below 131072\n; m0: segment 0, 268435456');
  expect(text).toContain('; g1: 8589934591\n');
  expect(text).toContain(`; base 14\n${disassemble(guest)}`);
});

test('the example of the specification is read', () => {
  const example = /```\n(\.unit[\s\S]*?)```/.exec(readFileSync('spec/2-instructions.md', 'utf8'));
  const unit = read(example![1]!);
  expect(unit.code.op.length).toBe(7);
  linkOrThrow({ guests: [unit] });
});

describe.each(mnemonics)('%s', (name) => {
  test('comes back from its text', () => {
    fc.assert(
      fc.property(draftOf(name), (draft) => {
        const b = new UnitBuilder({ name: 'unit', frontend: 'test', frontendVersion: 1 });
        emitDraft(b, draft, [b.here()]);
        const unit = b.finish();
        expect(read(disassemble(unit))).toEqual(unit);
      }),
      { seed, numRuns: 30 },
    );
  });
});

test('units come back from their text', () => {
  fc.assert(
    fc.property(anyUnit, (unit) => {
      const copy = read(disassemble(unit));
      expect(copy).toEqual(unit);
      expect(unitDigest(copy)).toEqual(unitDigest(unit));
    }),
    { seed, numRuns: 300 },
  );
});

describe('refusals', () => {
  const cases: readonly [string, number, RegExp][] = [
    ['addd r1, r2, r3', 1, /no instruction addd/],
    ['toString r1', 1, /no instruction/],
    ['\n.what', 2, /no directive \.what/],
    ['add r1, r2', 1, /add: expected 3 operands, got 2/],
    ['add r1, r2, r3, r4', 1, /expected 3 operands, got 4/],
    ['add r1, r65536, r2', 1, /rs1: expected 0 to 65535, got 65536/],
    ['add r1, w[0], r2', 1, /rs1: expected word, got w\[0\]/],
    ['add r1, 5, r2', 1, /rs1: expected word, got 5/],
    ['add r1, r2, x', 1, /rs2: expected word, got x/],
    ['add r1, r2, 0x10000000000000000', 1, /immediate of 64 bits/],
    ['wadd w[0], w[0], -1', 1, /immediate of 32 bits/],
    ['wadd w[1024], w[0], 1', 1, /rd: expected -1024 to 1023/],
    ['jump nowhere', 1, /label nowhere stands nowhere/],
    ['jump 5', 1, /expected a label, got 5/],
    ['L:\nL:', 2, /label L twice/],
    ['L: return', 1, /alone on its line/],
    ['call 0, L\nL:', 1, /slide: expected 1 to 65535/],
    ['.constant c1 5', 1, /named c0/],
    ['.constant c0 5\n.constant c1 5', 2, /named c0/],
    ['.constant c0 -5', 1, /below 2\^256/],
    ['.table t1 L', 1, /named t0/],
    ['.entry main L', 1, /quoted string, got main/],
    ['.entry "ma\\in" L', 1, /quoted string/],
    ['.entry "main', 1, /quoted string/],
    ['.entry "main"', 1, /expected a label, got nothing/],
    ['.runtime 1 L\nL:\nreturn', 1, /expected runtime entry 0 before 1/],
    ['.runtime 0 L\n.runtime 0 L', 2, /runtime entry 0 twice/],
    ['.source 0x12', 1, /32 bytes/],
    ['.windows m16', 1, /window: expected 0 to 15/],
    ['.globals r1', 1, /expected a global/],
    ['.at -2', 1, /number: expected -1/],
    ['.at 99999999999999999999999999', 1, /number: expected/],
  ];
  test.each(cases)('%j', (text, line, message) => {
    expect(assemble(text)).toEqual({
      ok: false,
      error: { line, message: expect.stringMatching(message) },
    });
  });

  test('any text is read or refused', () => {
    const piece = fc.oneof(
      fc.constantFrom(...mnemonics, '.unit', '.table', '.runtime', '.imports', '.entry', '.source'),
      fc.constantFrom(
        'r1',
        'w[-1]',
        'm3',
        'g0',
        't0',
        'c0',
        'L',
        'L:',
        '0',
        '-1',
        '"a"',
        ',',
        '\n',
        ';',
      ),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const assembled = assemble(pieces.join(' '));
        if (assembled.ok) expect(read(disassemble(assembled.value))).toEqual(assembled.value);
        else expect(assembled.error.line).toBeGreaterThan(0);
      }),
      { seed, numRuns: 3000 },
    );
  });
});
