/**
 * The generated parts of the specification. Each stands between the lines `<!-- generated:name -->` and
 * `<!-- /generated -->` of a page below `spec/`, and is made here from the code.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { instructionTable } from '../../src/isa/instruction-page.ts';
import { machine } from '../../src/isa/machine.ts';
import { chipMarkdown, chipTableMarkdown } from '../../src/stark/air/describe.ts';

const specFolder = resolve(import.meta.dirname, '../../spec');

/** Text of each generated part by name. */
export const generated: Readonly<Record<string, () => string>> = {
  instructions: instructionTable,
  'chip-table': () => chipTableMarkdown(machine.chips),
  chips: () => machine.chips.map(chipMarkdown).join('\n\n'),
  buses: () =>
    [
      '| bus | id | message |',
      '|---|---|---|',
      ...machine.buses.map(({ name, id, fields }) => `| ${name} | ${id} | ${fields.join(', ')} |`),
    ].join('\n'),
};

export interface SpecPage {
  readonly path: string;
  readonly text: string;
  /** The text with every generated part made anew. */
  readonly fresh: string;
  /** Names of the generated parts, known or not. */
  readonly parts: readonly string[];
}

const part = /<!-- generated:([a-z-]+) -->\n([\s\S]*?)<!-- \/generated -->/g;

export function readSpecPages(): SpecPage[] {
  return readdirSync(specFolder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => {
      const path = join(specFolder, name);
      const text = readFileSync(path, 'utf8');
      const parts: string[] = [];
      const fresh = text.replace(part, (whole, key: string) => {
        parts.push(key);
        const make = generated[key];
        return make ? `<!-- generated:${key} -->\n${make().trim()}\n<!-- /generated -->` : whole;
      });
      return { path, text, fresh, parts };
    });
}
