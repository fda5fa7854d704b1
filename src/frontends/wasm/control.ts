/**
 * Structured control: the stack of open blocks, each with its label and its operand stack height (Wasm 3.3.5).
 *
 * A branch leaves its operands where the block's results (a loop's parameters) stand when the block is
 * left in the plain way: in the slots from the block's height on. The function itself is the outermost
 * block; its results stand in the registers from 0 on.
 */

import type { Label } from '../../isa/builder.ts';
import type { SavedOperands } from './operands.ts';

export interface Block {
  readonly kind: 'function' | 'block' | 'loop' | 'if' | 'else';
  /** Where a branch to the block goes. */
  readonly label: Label;
  /** Operand stack height below the parameters. */
  readonly height: number;
  readonly parameterCount: number;
  readonly resultCount: number;
  /** Of an `if`: where the condition sends control if it does not hold, and the parameters there. */
  readonly otherwise?: { readonly label: Label; readonly parameters: SavedOperands };
  /** A branch or the end of an arm goes to the label. */
  isTargeted: boolean;
}

/** How many operands a branch to the block takes along. */
export function arityOf(block: Block): number {
  return block.kind === 'loop' ? block.parameterCount : block.resultCount;
}
