/** The opcode table agrees with itself and with the reference's. */

import { expect, it } from 'vitest';
import { demandOf } from '../../../src/frontends/evm/bytecode.ts';
import { opcodeNamed, opcodeOf, opcodes } from '../../../src/frontends/evm/opcodes.ts';
import { createReference } from '../../support/ethereumjs.ts';

it('is sorted by byte, each byte and name once', () => {
  const bytes = opcodes.map(({ byte }) => byte);
  expect(bytes).toEqual([...new Set(bytes)].sort((left, right) => left - right));
  expect(new Set(opcodes.map(({ name }) => name)).size).toBe(opcodes.length);
  for (const opcode of opcodes) {
    expect(opcodeOf[opcode.byte]).toBe(opcode);
    expect(opcodeNamed(opcode.name)).toBe(opcode);
  }
  expect(() => opcodeNamed('PUSH33')).toThrow('PUSH33');
});

it('defines the opcodes of Osaka and no others', async () => {
  const reference = await createReference();
  const defined = [...reference.getActiveOpcodes()]
    .filter(([, info]) => info.isInvalid !== true || info.name === 'INVALID')
    .map(([byte]) => byte)
    .sort((left, right) => left - right);
  expect(opcodes.map(({ byte }) => byte)).toEqual(defined);
});

it('has the static gas and the kind of gas of the reference', async () => {
  const reference = await createReference();
  for (const { byte, name, staticGas, hasDynamicGas, unsupported } of opcodes) {
    if (unsupported !== undefined) continue;
    const info = reference.getActiveOpcodes().get(byte)!;
    expect({ name, gas: staticGas, hasDynamicGas }).toEqual({
      name,
      gas: info.fee,
      hasDynamicGas: info.dynamicGas,
    });
  }
});

it('fits the records of a block: gas below 16, at most 17 items in and out', () => {
  for (const opcode of opcodes) {
    const { staticGas, stackIn, stackOut } = demandOf(opcode);
    expect(staticGas).toBeLessThan(16);
    expect(Math.max(stackIn, stackOut)).toBeLessThanOrEqual(17);
  }
});

it('asks nothing of gas and stack for what ends the run where it stands', () => {
  for (const opcode of [undefined, opcodeNamed('SLOAD'), opcodeNamed('CALL')]) {
    expect(demandOf(opcode)).toEqual({ stackIn: 0, stackOut: 0, staticGas: 0 });
  }
});
