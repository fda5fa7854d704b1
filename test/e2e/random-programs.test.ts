/** Random programs of all instructions satisfy every rule of the machine; a sample is proven and verified. */

import { describe, expect, test } from 'vitest';
import { type Execution, execute } from '../../src/execution.ts';
import { instructions, type Mnemonic, mnemonicOf } from '../../src/isa/instructions.ts';
import type { Program } from '../../src/isa/program.ts';
import { check, prove } from '../../src/proving.ts';
import type { Request } from '../../src/request.ts';
import { verify } from '../../src/verifier.ts';
import { type Dice, randomProgram, randomRequest } from '../support/random-programs.ts';
import { createDice } from '../support/tampering.ts';

const CHECKED = 150;
const MAX_STEPS = 60_000;

interface Sample {
  readonly program: Program;
  readonly request: Request;
  readonly execution: Execution;
}

/** What the samples came by. */
const executed = new Map<Mnemonic, number>();
const faulted = new Set<Mnemonic>();

/** The next random program whose run ends by itself. */
function nextSample(dice: Dice, delay: boolean): Sample {
  for (;;) {
    const program = randomProgram(dice, { delay });
    const request = randomRequest(dice);
    let last: { readonly name: Mnemonic; readonly pc: number } | undefined;
    const execution = execute(program, request, {
      maxSteps: MAX_STEPS,
      onStep({ pc }) {
        if (last && instructions[last.name].flow === 'fault' && pc === program.code.target[last.pc])
          faulted.add(last.name);
        const name = mnemonicOf[program.code.op[pc]! & 255]!;
        executed.set(name, (executed.get(name) ?? 0) + 1);
        last = { name, pc };
      },
    });
    if (execution.status !== 'step-limit') return { program, request, execution };
  }
}

describe('random programs', () => {
  const dice = createDice(31);

  test.each(Array.from({ length: 10 }, (_, i) => i))(
    'satisfy every rule, part %i',
    async (part) => {
      for (let i = 0; i < CHECKED / 10; i++) {
        const { program, request, execution } = nextSample(dice, part === 9 && i < 4);
        const checked = await check(program, request);
        expect(checked.failures).toEqual([]);
        expect(checked.ok).toBe(true);
        expect(checked.execution).toEqual(execution);
      }
    },
  );

  test('execute every instruction and take every fault', () => {
    const names = Object.keys(instructions) as Mnemonic[]; // keys of the table
    expect(names.filter((name) => (executed.get(name) ?? 0) < 5)).toEqual([]);
    const canFault = names.filter((name) => instructions[name].flow === 'fault');
    // Calls that are too deep go to a runtime entry, which other steps reach too.
    expect(canFault.filter((name) => !faulted.has(name) && !/^call/.test(name))).toEqual([]);
  });
});

describe('random programs, proven', () => {
  const dice = createDice(32);

  test.each([
    ['test', 'with a delay'],
    ['test', ''],
    ['P100', ''],
    ['P128', ''],
  ] as const)('under %s %s', async (profile, delay) => {
    const { program, request, execution } = nextSample(dice, delay !== '');
    const { proof } = await prove(program, request, { profile });
    const { status, output } = execution;
    const verdict = await verify(proof, { program, profile, expect: { status, output } });
    expect(verdict).toMatchObject({ ok: true, profile });
  });
});
