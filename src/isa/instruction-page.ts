/** The generated part of `spec/2-instructions.md`: all instructions, then all formats. */

import type { Format, Operand } from './formats.ts';
import { type FormatName, formats, strideOf } from './formats.ts';
import { formatOf, type Mnemonic, mnemonicOf, rowOf } from './instructions.ts';

/** Markdown, without the markers around it. */
export function instructionTable(): string {
  return [
    '### Instructions',
    '',
    ...table(['opcode', 'text', 'goes', 'chip', 'meaning'], instructionRows()),
    '',
    '### Formats',
    '',
    'Accesses in order of time: the k-th at `clk + k`.',
    '',
    ...table(['format', 'operands and their fields', 'accesses', 'clock', 'slots'], formatRows()),
  ].join('\n');
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)];
}

function instructionRows(): string[][] {
  return mnemonicOf
    .filter((name): name is Mnemonic => name !== undefined)
    .map((name) => {
      const { opcode, flow, chip, privileged, meaning } = rowOf(name);
      return [
        `0x${opcode.toString(16).padStart(2, '0')}`,
        `\`${textPattern(name)}\``,
        privileged ? `${flow}, privileged` : flow,
        chip,
        meaning,
      ];
    });
}

function textPattern(name: Mnemonic): string {
  const { operands, alternative } = formatOf(name);
  const texts = operands.map((operand) => {
    if (alternative?.instead !== operand.name) return operand.name;
    return `${operand.name} or ${alternative.kind === 'wordImmediate' ? 'imm64' : 'imm32'}`;
  });
  return texts.length === 0 ? name : `${name} ${texts.join(', ')}`;
}

function formatRows(): string[][] {
  return (Object.keys(formats) as FormatName[]).map((name) => {
    // keys of `formats`
    const format: Format = formats[name];
    const { operands, accesses, slots } = format;
    return [
      name,
      list(operands.map((operand) => fieldText(operand, format))),
      list(accesses.map(({ direction, space, operand }) => `${direction} ${space} ${operand}`)),
      `${strideOf(name)}`,
      list(Object.entries(slots).map(([slot, operand]) => `${slot} ${operand}`)),
    ];
  });
}

function fieldText({ name, kind, field }: Operand, { alternative }: Format): string {
  const place = name === field ? kind : `${kind} in ${field}`;
  return alternative?.instead === name
    ? `${name}: ${place}, or ${alternative.kind}`
    : `${name}: ${place}`;
}

function list(items: readonly string[]): string {
  return items.length === 0 ? '-' : items.join('; ');
}
