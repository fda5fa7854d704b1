import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnitBuilder } from '../../src/isa/builder.ts';
import {
  checkInstruction,
  createCode,
  type DecodeError,
  decodeCode,
  encodeCode,
  INSTRUCTION_BYTES,
  instructionAt,
  putInstruction,
} from '../../src/isa/encoding.ts';
import { formatOf, rowOf } from '../../src/isa/instructions.ts';
import type { Code } from '../../src/isa/program.ts';
import {
  anyDraft,
  anyUnit,
  type Draft,
  draftOf,
  emitDraft,
  mnemonics,
} from '../support/arbitrary-units.ts';

const seed = 20_240_601;

const codeOf = (draft: Draft): Code => {
  const b = new UnitBuilder({ name: 'unit', frontend: 'test', frontendVersion: 1 });
  emitDraft(b, draft, [b.here()]);
  return b.finish().code;
};

describe('the instruction table', () => {
  test('has distinct opcodes from 1 to 255', () => {
    const opcodes = mnemonics.map((name) => rowOf(name).opcode);
    expect(new Set(opcodes).size).toBe(opcodes.length);
    expect(Math.min(...opcodes)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...opcodes)).toBeLessThanOrEqual(255);
  });

  test('gives every operand a field of its own and every slot an operand', () => {
    for (const name of mnemonics) {
      const { operands, slots, alternative } = formatOf(name);
      const fields = operands.map(({ field }) => field);
      expect(new Set(fields).size, name).toBe(fields.length);
      expect(fields.includes('imm') && fields.some((field) => field.startsWith('imm.')), name).toBe(
        false,
      );
      const named = operands.map((operand) => operand.name);
      for (const slot of Object.values(slots)) expect(named, name).toContain(slot);
      const carried = operands
        .filter(({ kind }) => kind !== 'target')
        .map((operand) => operand.name);
      expect(Object.values(slots).sort(), name).toEqual(carried.sort());
      if (alternative) expect(named, name).toContain(alternative.instead);
    }
  });

  test('has a meaning for every instruction', () => {
    for (const name of mnemonics) expect(rowOf(name).meaning, name).toMatch(/^[a-z0-9].{5,}/);
  });
});

describe.each(mnemonics)('%s', (name) => {
  test('comes back from its bytes and from its value', () => {
    fc.assert(
      fc.property(draftOf(name), (draft) => {
        const code = codeOf(draft);
        expect(decodeCode(encodeCode(code))).toEqual({ ok: true, value: code });
        const copy = createCode(1);
        putInstruction(copy, 0, instructionAt(code, 0));
        expect(copy).toEqual(code);
        expect(checkInstruction(code, 0)).toBeUndefined();
      }),
      { seed, numRuns: 30 },
    );
  });
});

describe('decoding', () => {
  const bytesOf = (change: (bytes: Uint8Array) => void): Uint8Array => {
    const bytes = encodeCode(codeOf({ name: 'add', operands: [1, 2, 3] }));
    change(bytes);
    return bytes;
  };
  const at = (offset: number, ...values: number[]): Uint8Array =>
    bytesOf((bytes) => bytes.set(values, offset));
  const cases: readonly [string, DecodeError['code'], number, Uint8Array][] = [
    ['a byte too few', 'length', 0, at(0).subarray(1)],
    ['a byte too many', 'length', 26, Uint8Array.from([...at(0), 0])],
    ['opcode 0', 'opcode', 0, at(0, 0)],
    ['an undefined opcode', 'opcode', 0, at(0, 0xff)],
    ['a mark of 2', 'mark', 1, at(1, 2)],
    ['a mark where there is no immediate', 'mark', 1, at(0, 0x5f, 1)],
    ['a register of 65536', 'operand', 2, at(2, 0, 0, 1, 0)],
    ['a negative register', 'operand', 6, at(6, 0xff, 0xff, 0xff, 0xff)],
    ['an immediate besides a register', 'unused-field', 14, at(14, 1)],
    ['the upper half of it', 'unused-field', 18, at(18, 1)],
    ['a register besides the immediate', 'unused-field', 10, at(1, 1)],
    ['a target of none', 'unused-field', 22, at(22, 1)],
  ];
  test.each(cases)('refuses %s', (_, code, offset, bytes) => {
    expect(decodeCode(bytes)).toMatchObject({ ok: false, error: { code, offset } });
  });

  test('names the offset in a later instruction', () => {
    const good = bytesOf(() => {});
    const both = Uint8Array.from([...good, ...at(6, 0xff, 0xff, 0xff, 0xff)]);
    expect(decodeCode(both)).toMatchObject({ error: { offset: INSTRUCTION_BYTES + 6 } });
  });

  test('reads any bytes or refuses them, and what it reads has only those bytes', () => {
    fc.assert(
      fc.property(
        anyDraft,
        fc.array(fc.tuple(fc.nat({ max: INSTRUCTION_BYTES - 1 }), fc.nat({ max: 255 })), {
          maxLength: 3,
        }),
        (draft, changes) => {
          const bytes = encodeCode(codeOf(draft));
          for (const [offset, value] of changes) bytes[offset] = value;
          const decoded = decodeCode(bytes);
          if (decoded.ok) expect(encodeCode(decoded.value)).toEqual(bytes);
          else expect(decoded.error.offset).toBeLessThan(bytes.length);
        },
      ),
      { seed, numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const decoded = decodeCode(bytes);
        if (decoded.ok) expect(encodeCode(decoded.value)).toEqual(bytes);
      }),
      { seed, numRuns: 500 },
    );
  });

  test('brings whole units back', () => {
    fc.assert(
      fc.property(anyUnit, ({ code }) => {
        expect(decodeCode(encodeCode(code))).toEqual({ ok: true, value: code });
      }),
      { seed, numRuns: 100 },
    );
  });
});
