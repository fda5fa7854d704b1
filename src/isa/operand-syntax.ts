/** How operands look in text: what stands around the number, for printing and reading. `spec/2-instructions.md`. */

import type { OperandKind } from './formats.ts';

interface Syntax {
  readonly prefix: string;
  readonly suffix: string;
}

const bare: Syntax = { prefix: '', suffix: '' };

const syntaxes: Readonly<Record<OperandKind, Syntax>> = {
  word: { prefix: 'r', suffix: '' },
  wide: { prefix: 'w[', suffix: ']' },
  global: { prefix: 'g', suffix: '' },
  window: { prefix: 'm', suffix: '' },
  pool: { prefix: 'c', suffix: '' },
  table: { prefix: 't', suffix: '' },
  wordImmediate: bare,
  wideImmediate: bare,
  offset: bare,
  length: bare,
  slide: bare,
  signedSlide: bare,
  depth: bare,
  gas: bare,
  entry: bare,
  flag: bare,
  target: bare,
};

export function printOperand(kind: OperandKind, value: number | bigint): string {
  const { prefix, suffix } = syntaxes[kind];
  return `${prefix}${value}${suffix}`;
}

/** The number in the text of an operand of that kind; undefined if it is not one. No range is checked. */
export function readOperand(kind: OperandKind, text: string): bigint | undefined {
  const { prefix, suffix } = syntaxes[kind];
  if (!text.startsWith(prefix) || !text.endsWith(suffix)) return undefined;
  return readNumber(text.slice(prefix.length, text.length - suffix.length));
}

/** Decimal or `0x`, with a sign in front; undefined for anything else, and for more than 100 characters. */
export function readNumber(text: string): bigint | undefined {
  if (text.length > 100 || !/^-?(0x[0-9a-f]+|[0-9]+)$/i.test(text)) return undefined;
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}
