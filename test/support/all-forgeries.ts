/** All forgeries, and what becomes of one: the check of its trace, and the verdict on its proof. */

import { prepare } from '../../src/proving.ts';
import { profiles } from '../../src/stark/parameters.ts';
import { proveInstance } from '../../src/stark/prover.ts';
import { verifyInstance } from '../../src/stark/verifier.ts';
import { faultForgeries } from './fault-forgeries.ts';
import { Forgery } from './forgery.ts';
import { controlForgeries, type ForgeryCase, rowForgeries } from './forgery-list.ts';
import { stageProgram, stageRequest } from './forgery-stage.ts';
import { memoryForgeries } from './memory-forgeries.ts';

export const forgeries: readonly ForgeryCase[] = [
  ...controlForgeries,
  ...rowForgeries,
  ...memoryForgeries,
  ...faultForgeries,
];

const program = stageProgram();
const honest = prepare(program, stageRequest, {});

/** A copy of the honest trace. */
export function honestTrace(): Forgery {
  return new Forgery(honest.instance, honest.trace, program);
}

/** The lie, with everything else put right. */
export function tell({ from = honestTrace, tell: spoil, finish }: ForgeryCase): Forgery {
  const forged = from();
  spoil(forged);
  forged.reorder();
  forged.recount();
  finish?.(forged);
  return forged;
}

/** Proves the lie as an honest prover would; the code of its rejection, or `accepted`. */
export async function verdictOn(forgery: ForgeryCase): Promise<string> {
  const { instance, tables } = tell(forgery);
  const proof = await proveInstance(instance, { tables }, profiles.test);
  const verdict = verifyInstance(instance, proof, { profile: 'test' });
  return verdict.ok ? 'accepted' : verdict.rejection.code;
}
