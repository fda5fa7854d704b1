/**
 * What a chip costs and says, as data and as a page: for budgets, specifications and reviews.
 */

import { type ChipDescription, cellsPerRow, lookupColumnCount, nextColumns } from './chip.ts';
import { degree, format } from './expr.ts';

export interface ChipReport {
  readonly name: string;
  readonly columns: number;
  readonly fixedColumns: number;
  /** Columns opened in the next row as well. */
  readonly nextColumns: number;
  readonly constraints: number;
  readonly greatestDegree: number;
  /** Messages of a row. */
  readonly terms: number;
  readonly lookupColumns: number;
  /** Committed cells of a row with extensions of degree 4 (100 bits) and 6 (128 bits). */
  readonly cells: { readonly degree4: number; readonly degree6: number };
  readonly stride: number;
}

export function reportChip(chip: ChipDescription): ChipReport {
  return {
    name: chip.name,
    columns: chip.columns.length,
    fixedColumns: chip.fixedColumns.length,
    nextColumns: nextColumns(chip).length,
    constraints: chip.constraints.length,
    greatestDegree: Math.max(0, ...chip.constraints.map(({ expr }) => degree(expr))),
    terms: chip.interactions.length,
    lookupColumns: lookupColumnCount(chip),
    cells: { degree4: cellsPerRow(chip, 4), degree6: cellsPerRow(chip, 6) },
    stride: chip.stride,
  };
}

/** One line for each chip. */
export function chipTableMarkdown(chips: readonly ChipDescription[]): string {
  return markdownTable(
    [
      'chip',
      'columns',
      'fixed',
      'constraints',
      'degree',
      'terms',
      'cells (e = 4)',
      '(e = 6)',
      'stride',
    ],
    chips
      .map(reportChip)
      .map((report) => [
        report.name,
        report.columns,
        report.fixedColumns,
        report.constraints,
        report.greatestDegree,
        report.terms,
        report.cells.degree4,
        report.cells.degree6,
        report.stride,
      ]),
  );
}

/** A chip's whole description: what it relies on and shows, columns, constraints, messages. */
export function chipMarkdown(chip: ChipDescription): string {
  const { cells, terms } = reportChip(chip);
  const parts = [
    `### ${chip.name}`,
    `${cells.degree4} committed cells a row (${cells.degree6} at degree 6), ${terms} terms; ${tablesText(chip)}.`,
    listText('Assumes', chip.assumes),
    listText('Proves', chip.proves),
    markdownTable(
      ['column', 'meaning'],
      [
        ...chip.fixedColumns.map(({ name, meaning }) => [code(name), `fixed: ${meaning}`]),
        ...chip.columns.map(({ name, meaning }) => [code(name), meaning]),
      ],
    ),
  ];
  if (chip.constraints.length > 0) {
    parts.push(
      markdownTable(
        ['constraint', 'is zero', 'degree'],
        chip.constraints.map(({ name, expr }) => [name, code(format(expr)), degree(expr)]),
      ),
    );
  }
  if (chip.interactions.length > 0) {
    parts.push(
      markdownTable(
        ['message', 'bus', 'components', 'multiplicity'],
        chip.interactions.map(({ name, bus, direction, message, multiplicity }) => [
          name,
          `${direction} ${bus.name}`,
          message.map((part) => code(format(part))).join(', '),
          code(format(multiplicity)),
        ]),
      ),
    );
  }
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function tablesText({ instances, fixedSource }: ChipDescription): string {
  const count = instances === 'one' ? 'a single table' : 'any number of tables';
  return fixedSource === 'none' ? count : `${count}, ${fixedSource} columns`;
}

function listText(title: string, lines: readonly string[]): string {
  return lines.length === 0
    ? ''
    : [`*${title}*`, '', ...lines.map((line) => `- ${line}`)].join('\n');
}

function markdownTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
