import { describe, expect, it } from 'vitest';
import { formats, strideOf } from '../../src/isa/formats.ts';
import { instructions } from '../../src/isa/instructions.ts';
import { instructionChips, machine } from '../../src/isa/machine.ts';
import { cellsPerRow } from '../../src/stark/air/chip.ts';
import { commitConstants } from '../../src/stark/constants.ts';
import { bytesToDigest, digestToHex } from '../../src/stark/hash/digest.ts';
import { checkSystem } from '../../src/stark/key.ts';

describe('the machine', () => {
  it('proves every instruction in exactly one chip, of its format', () => {
    const wrong = Object.entries(instructions).flatMap(([name, { chip, format }]) => {
      const found = instructionChips.filter(({ description }) => description.name === chip);
      const isRight = found.length === 1 && found[0]!.format === format;
      return isRight ? [] : [`${name}: ${found.length} chips ${chip}`];
    });
    expect(wrong).toEqual([]);
  });

  it('has no chip without an instruction', () => {
    const named = new Set<string>(Object.values(instructions).map(({ chip }) => chip));
    const idle = instructionChips.filter(({ description }) => !named.has(description.name));
    expect(idle.map(({ description }) => description.name)).toEqual([]);
  });

  it('advances the clock by at least the accesses of each step', () => {
    for (const { description, format } of instructionChips) {
      expect(description.stride).toBe(strideOf(format));
      expect(description.stride).toBeGreaterThanOrEqual(
        Math.max(1, formats[format].accesses.length),
      );
    }
  });

  it('obeys the laws of a system', () => {
    expect(() => checkSystem(machine)).not.toThrow();
  });

  it('has the constant root that its constant tables give', async () => {
    const { root } = await commitConstants(machine);
    expect(digestToHex(bytesToDigest(machine.constantRoot))).toBe(digestToHex(bytesToDigest(root)));
  });

  it('commits these cells a row', () => {
    const cells = machine.chips.map((chip) => [chip.name, cellsPerRow(chip, 4)]);
    expect(Object.fromEntries(cells)).toMatchSnapshot();
  });
});
