/** Random instructions and units for fast-check: every mnemonic, with operands over their whole ranges. */

import fc from 'fast-check';
import { type Label, UnitBuilder } from '../../src/isa/builder.ts';
import { rangeOf } from '../../src/isa/encoding.ts';
import { formatOf, instructions, type Mnemonic } from '../../src/isa/instructions.ts';
import type { Unit } from '../../src/isa/program.ts';

export const mnemonics = Object.keys(instructions) as Mnemonic[]; // keys of the table

/** An instruction as the builder takes it; a target is the number of a place. */
export interface Draft {
  readonly name: Mnemonic;
  readonly operands: readonly (number | bigint)[];
}

function edged(least: number, greatest: number): fc.Arbitrary<number> {
  const inside = [least, least + 1, 0, 1, greatest - 1, greatest].filter(
    (value) => value >= least && value <= greatest,
  );
  return fc.oneof(fc.constantFrom(...inside), fc.integer({ min: least, max: greatest }));
}

const wordImmediate = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n ** 63n, -(2n ** 63n), 2n ** 64n - 1n, 2n ** 32n),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
);
const wideImmediate = edged(0, 2 ** 32 - 1).map(BigInt);

/** Random operands for the mnemonic. Tables and constants are small numbers. */
export function draftOf(name: Mnemonic): fc.Arbitrary<Draft> {
  const { operands, alternative } = formatOf(name);
  const values = operands.map(({ name: operand, kind }): fc.Arbitrary<number | bigint> => {
    if (kind === 'target') return fc.nat({ max: 1000 });
    if (kind === 'table' || kind === 'pool') return fc.nat({ max: 2 });
    if (kind === 'wordImmediate') return wordImmediate;
    const register = edged(...rangeOf(kind));
    if (operand !== alternative?.instead) return register;
    const immediate = alternative.kind === 'wordImmediate' ? wordImmediate : wideImmediate;
    return fc.oneof<[fc.Arbitrary<number>, fc.Arbitrary<bigint>]>(register, immediate);
  });
  return fc.tuple(...values).map((drawn) => ({ name, operands: drawn }));
}

export const anyDraft: fc.Arbitrary<Draft> = fc.constantFrom(...mnemonics).chain(draftOf);

/** Appends the draft; a target is the label of that number, modulo their count. */
export function emitDraft(b: UnitBuilder, draft: Draft, labels: readonly Label[]): void {
  const { operands } = formatOf(draft.name);
  b.emitOperands(
    draft.name,
    draft.operands.map((value, i) =>
      operands[i]!.kind === 'target' ? labels[Number(value) % labels.length]! : value,
    ),
  );
}

/** Units of up to 40 random instructions that need not pass the linker. */
export const anyUnit: fc.Arbitrary<Unit> = fc
  .record({
    name: fc.string({ unit: 'binary', maxLength: 8 }),
    frontend: fc.string({ maxLength: 8 }),
    frontendVersion: fc.nat({ max: 1000 }),
    isPrivileged: fc.boolean(),
    allowedWindows: fc.uniqueArray(fc.nat({ max: 15 })),
    allowedGlobals: fc.uniqueArray(fc.nat({ max: 63 })),
    drafts: fc.array(anyDraft, { maxLength: 40 }),
    offsets: fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 40, maxLength: 40 }),
    tables: fc.array(fc.array(fc.nat({ max: 100 }), { maxLength: 5 }), { maxLength: 3 }),
    imported: fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
    constants: fc.array(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), { maxLength: 3 }),
    entries: fc.array(fc.tuple(fc.string(), fc.nat({ max: 100 })), { maxLength: 3 }),
    runtimeEntries: fc.array(fc.nat({ max: 100 }), { maxLength: 3 }),
    functions: fc.array(fc.string(), { maxLength: 2 }),
  })
  .map(
    ({
      drafts,
      offsets,
      tables,
      imported,
      constants,
      entries,
      runtimeEntries,
      functions,
      ...options
    }) => {
      const b = new UnitBuilder(options);
      const labels = Array.from({ length: drafts.length + 1 }, () => b.label());
      const labelOf = (place: number): Label => labels[place % labels.length]!;
      for (const table of tables) b.table(table.map(labelOf));
      b.guestTable(1, imported);
      for (const value of constants) b.constant(value);
      for (const [name, place] of entries) b.entry(name, labelOf(place));
      runtimeEntries.forEach((place, number) => {
        b.runtimeEntry(number, labelOf(place));
      });
      drafts.forEach((draft, pc) => {
        if (pc === 1) for (const name of functions) b.function(name);
        b.place(labels[pc]!);
        b.at(offsets[pc]!);
        emitDraft(b, draft, labels);
      });
      b.place(labels[drafts.length]!);
      return b.finish();
    },
  );
