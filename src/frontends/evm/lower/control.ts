/**
 * The end of a block: jumps, branches and halts.
 *
 * A condition that only the `JUMPI` reads becomes part of the branch: comparisons and chains of `ISZERO` vanish, and
 * `SUB` or `XOR` means "differs". A jump to a known offset is a jump; any other goes through the table from code
 * offsets to blocks, in which every offset that is no destination leads to the exceptional halt.
 */

import type { Label, MnemonicWith } from '../../../isa/builder.ts';
import { CALLEE, FIRST_WORD, runtimeEntries } from '../layout.ts';
import type { BlockGraph, Ending, ValueId } from '../stack.ts';
import type { BlockContext } from './context.ts';

type WideBranch = MnemonicWith<'wideBranch'>;

/** `left name right`; a right side left out is 0. */
export interface BranchCondition {
  readonly name: WideBranch;
  readonly left: ValueId;
  readonly right: ValueId | undefined;
}

/** Negation and exchange of sides. */
const relations: Readonly<Record<WideBranch, { not: WideBranch; mirror: WideBranch }>> = {
  wbeq: { not: 'wbne', mirror: 'wbeq' },
  wbne: { not: 'wbeq', mirror: 'wbne' },
  wblt: { not: 'wbge', mirror: 'wbgt' },
  wbge: { not: 'wblt', mirror: 'wble' },
  wbgt: { not: 'wble', mirror: 'wblt' },
  wble: { not: 'wbgt', mirror: 'wbge' },
  wbslt: { not: 'wbsge', mirror: 'wbsgt' },
  wbsge: { not: 'wbslt', mirror: 'wbsle' },
  wbsgt: { not: 'wbsle', mirror: 'wbslt' },
  wbsle: { not: 'wbsgt', mirror: 'wbsge' },
};

const comparisons: Readonly<Record<string, WideBranch>> = {
  EQ: 'wbeq',
  LT: 'wblt',
  GT: 'wbgt',
  SLT: 'wbslt',
  SGT: 'wbsgt',
  SUB: 'wbne',
  XOR: 'wbne',
};

/** The branch for "`condition` is not 0". `uses` counts the readers of each value that are needed. */
export function fuse(graph: BlockGraph, condition: ValueId, uses: Int32Array): BranchCondition {
  let left = condition;
  let isNegated = false;
  for (;;) {
    const producer = uses[left] === 1 ? graph.producers[left] : undefined;
    const name = producer && comparisons[producer.opcode.name];
    if (producer?.opcode.name === 'ISZERO') {
      left = producer.inputs[0]!;
      isNegated = !isNegated;
    } else if (producer !== undefined && name !== undefined) {
      const [first, second] = producer.inputs;
      return oriented(graph, isNegated ? relations[name].not : name, first!, second!);
    } else {
      return { name: isNegated ? 'wbeq' : 'wbne', left, right: undefined };
    }
  }
}

/** Puts a constant side to the right, where it may be an immediate. */
function oriented(
  graph: BlockGraph,
  name: WideBranch,
  left: ValueId,
  right: ValueId,
): BranchCondition {
  return graph.constants[left] !== undefined && graph.constants[right] === undefined
    ? { name: relations[name].mirror, left: right, right: left }
    : { name, left, right };
}

/** The block's end. `condition` is the fused one of a branch, `target` stands for where it goes. */
export function lowerEnding(
  context: BlockContext,
  ending: Ending,
  condition: BranchCondition | undefined,
  target?: Label,
): void {
  switch (ending.kind) {
    case 'next':
      settle(context, []);
      break;
    case 'jump':
      lowerJump(context, ending.target);
      break;
    case 'branch':
      lowerBranch(context, ending, condition, target);
      break;
    case 'halt':
      lowerHalt(context, ending);
      break;
  }
}

function settle(context: BlockContext, kept: readonly ValueId[]): readonly (number | undefined)[] {
  const { builder, registers } = context;
  return registers.settle(kept, {
    move: (to, from) => builder.emit('wmove', to, from),
    load: (to, constant) => context.load(to, constant),
  });
}

function lowerJump(context: BlockContext, target: ValueId): void {
  const { builder } = context;
  const known = context.constantOf(target);
  if (known !== undefined) {
    settle(context, []);
    builder.emit('jump', destinationOf(context, known));
    return;
  }
  builder.emit('narrow', FIRST_WORD, context.register(target), invalidJump(context));
  settle(context, []);
  jumpThroughTable(context);
}

function jumpThroughTable(context: BlockContext): void {
  const { table, length } = context.unit.jumpTable();
  context.builder.emit('jumpx', FIRST_WORD, table, length, invalidJump(context));
}

function invalidJump(context: BlockContext): Label {
  return context.unit.end(runtimeEntries.invalidJump);
}

function destinationOf(context: BlockContext, offset: bigint): Label {
  return context.unit.destination(offset) ?? invalidJump(context);
}

function lowerBranch(
  context: BlockContext,
  ending: Extract<Ending, { kind: 'branch' }>,
  condition: BranchCondition | undefined,
  target: Label | undefined,
): void {
  const { builder } = context;
  const known = context.constantOf(ending.target);
  const isKnown = target !== undefined || known !== undefined;
  const dynamic = isKnown ? [] : [ending.target];
  if (condition === undefined) {
    // The condition is a constant.
    if (context.constantOf(ending.condition) === 0n) {
      settle(context, []);
    } else {
      lowerJump(context, ending.target);
    }
    return;
  }
  const { name, left } = condition;
  const right = condition.right ?? undefined;
  const immediate = right === undefined ? 0n : context.immediateOf(right);
  const kept = [
    left,
    ...(right !== undefined && immediate === undefined ? [right] : []),
    ...dynamic,
  ];
  // Constants that are no immediates need a register before the stack is put in place.
  for (const value of kept) context.register(value);
  const registers = settle(context, kept);
  const first = registers[0]!;
  const second = immediate ?? registers[1]!;
  const label = target ?? (known === undefined ? undefined : destinationOf(context, known));
  if (label !== undefined) {
    builder.emit(name, first, second, label);
    return;
  }
  const next = builder.label();
  builder.emit(relations[name].not, first, second, next);
  builder.emit('narrow', FIRST_WORD, registers[registers.length - 1]!, invalidJump(context));
  jumpThroughTable(context);
  builder.place(next);
}

function lowerHalt(context: BlockContext, ending: Extract<Ending, { kind: 'halt' }>): void {
  const { builder } = context;
  const { opcode, inputs } = ending;
  if (opcode?.unsupported !== undefined) {
    builder.emit('move', CALLEE, BigInt(opcode.byte));
    builder.emit('callr', runtimeEntries.unsupported, CALLEE);
    builder.emit('jump', context.never);
    return;
  }
  if (opcode?.name === 'RETURN' || opcode?.name === 'REVERT') {
    const isReturn = opcode.name === 'RETURN';
    if (isReturn && context.constantOf(inputs[1]!) === 0n) {
      builder.emit('jumpr', runtimeEntries.stop);
    } else {
      context.pass(inputs);
      builder.emit('jumpr', isReturn ? runtimeEntries.return : runtimeEntries.revert);
    }
  } else if (opcode?.name === 'STOP') {
    builder.emit('jumpr', runtimeEntries.stop);
  } else {
    const isDesignated = opcode?.name === 'INVALID';
    builder.emit(
      'jumpr',
      isDesignated ? runtimeEntries.invalidOpcode : runtimeEntries.undefinedOpcode,
    );
  }
}
