import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');

interface Import {
  /** Path below src, or a package name. */
  readonly to: string;
  readonly isTypeOnly: boolean;
}

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

function readSources(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = join(folder, name);
      const text = readFileSync(path, 'utf8');
      const imports = [
        ...text.matchAll(/^(?:import|export)\s+([^;]*?)\s*from\s+'([^']+)';/gms),
      ].map(
        ([, clause, to]): Import => ({
          to: to!.startsWith('.') ? relative(source, resolve(dirname(path), to!)) : to!,
          isTypeOnly: clause!.startsWith('type ') || onlyTypes(clause!),
        }),
      );
      for (const [, to] of text.matchAll(/^import '([^']+)';/gm)) {
        imports.push({ to: to!, isTypeOnly: false });
      }
      return { path: relative(source, path), text, imports };
    });
}

/** `{ type A, type B }`: nothing of it is there at run time. */
function onlyTypes(clause: string): boolean {
  const names = clause
    .match(/^\{(.*)\}$/s)?.[1]
    ?.split(',')
    .map((name) => name.trim()) ?? [''];
  return names.filter((name) => name !== '').every((name) => name.startsWith('type '));
}

const files = readSources(source);
const byPath = new Map(files.map((file) => [file.path, file]));

/** Which prefixes a folder may import, the longest matching prefix of the importer deciding. */
const mayImport: readonly (readonly [folder: string, allowed: readonly string[]])[] = [
  ['stark/field/', ['stark/field/']],
  ['stark/hash/', ['stark/hash/', 'stark/field/', 'stark/bytes.ts', 'stark/rejection.ts']],
  ['stark/poly/', ['stark/poly/', 'stark/field/']],
  [
    'stark/kernel/',
    [
      'stark/kernel/',
      'stark/air/',
      'stark/field/',
      'stark/fri/',
      'stark/hash/',
      'stark/poly/',
      'stark/plain/',
      'stark/deep.ts',
      'stark/engine.ts',
      'stark/fingerprint.ts',
      'stark/key.ts',
      'stark/layout.ts',
      'stark/memory-plan.ts',
      'stark/system.ts',
    ],
  ],
  [
    'stark/plain/',
    [
      'stark/plain/',
      'stark/air/',
      'stark/field/',
      'stark/fri/',
      'stark/hash/',
      'stark/poly/',
      'stark/deep.ts',
      'stark/engine.ts',
      'stark/fingerprint.ts',
      'stark/layout.ts',
      'stark/system.ts',
    ],
  ],
  ['stark/air/', ['stark/air/', 'stark/field/', 'stark/hash/digest.ts', 'stark/system.ts']],
  ['stark/gadgets/', ['stark/gadgets/', 'stark/air/', 'stark/field/', 'stark/tables/']],
  ['stark/tables/', ['stark/tables/', 'stark/air/', 'stark/field/']],
  [
    'stark/fri/',
    [
      'stark/fri/',
      'stark/field/',
      'stark/hash/',
      'stark/poly/',
      'stark/bytes.ts',
      'stark/rejection.ts',
    ],
  ],
  ['stark/', ['stark/']],
  [
    'memory/',
    ['memory/', 'stark/field/', 'stark/hash/', 'stark/air/', 'stark/gadgets/', 'stark/tables/'],
  ],
  [
    'isa/',
    [
      'isa/',
      'memory/',
      'stark/field/',
      'stark/air/',
      'stark/gadgets/',
      'stark/tables/',
      'stark/hash/digest.ts',
      'stark/bytes.ts',
      'stark/rejection.ts',
      'stark/system.ts',
    ],
  ],
  ['frontends/evm/', ['frontends/evm/', 'frontends/frontend.ts', 'isa/']],
  ['frontends/wasm/', ['frontends/wasm/', 'frontends/frontend.ts', 'isa/']],
  ['frontends/', ['isa/']],
  ['cli/', ['']],
  [
    '',
    [
      'frontends/',
      'isa/',
      'memory/',
      'stark/',
      'request.ts',
      'execution.ts',
      'proving.ts',
      'statistics.ts',
      'verifier.ts',
    ],
  ],
];

const usesNode = (text: string): boolean => /\b(process|Buffer|require)\b[.(]/.test(text);

/** The one file that takes threads where they are, in Node or in a page, and imports nothing for that. */
const asksForThreads = (path: string): boolean => path === 'stark/kernel/threads.ts';

/** Everything that a file loads at run time, itself included. */
function reach(entry: string): Set<string> {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { to, isTypeOnly } of byPath.get(path)?.imports ?? []) if (!isTypeOnly) visit(to);
  };
  visit(entry);
  return seen;
}

describe('the source tree', () => {
  it('imports downwards only', () => {
    const wrong = files.flatMap(({ path, imports }) => {
      const [, allowed] = mayImport.find(([folder]) => path.startsWith(folder))!;
      return imports
        .filter(({ to }) => byPath.has(to) || to.endsWith('.ts'))
        .filter(({ to }) => !allowed.some((prefix) => to.startsWith(prefix)))
        .map(({ to }) => `${path} -> ${to}`);
    });
    expect(wrong).toEqual([]);
  });

  it('has no import cycles', () => {
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      const at = trail.indexOf(path);
      if (at >= 0) cycles.push([...trail.slice(at), path].join(' -> '));
      if (at >= 0 || done.has(path)) return;
      for (const { to, isTypeOnly } of byPath.get(path)?.imports ?? []) {
        if (!isTypeOnly && byPath.has(to)) visit(to, [...trail, path]);
      }
      done.add(path);
    };
    for (const { path } of files) visit(path, []);
    expect(cycles).toEqual([]);
  });

  it('keeps prover, transforms and interpreter out of the verifier', () => {
    const loaded = reach('verifier.ts');
    expect(loaded.has('stark/verifier.ts')).toBe(true);
    const forbidden = [
      'proving.ts',
      'execution.ts',
      'stark/prover.ts',
      'stark/poly/fft.ts',
      'stark/hash/merkle.ts',
      'stark/engines.ts',
      'stark/plain/engine.ts',
      'stark/plain/fri.ts',
      'stark/kernel/engine.ts',
      'isa/interpreter.ts',
      'isa/execute.ts',
      'isa/recorder.ts',
      'isa/fill.ts',
    ];
    expect(forbidden.filter((path) => !byPath.has(path))).toEqual([]);
    expect(forbidden.filter((path) => loaded.has(path))).toEqual([]);
    expect([...loaded].filter((path) => path.startsWith('stark/kernel/'))).toEqual([]);
  });

  it('lets nobody but the prover know that there are kernels', () => {
    const users = files
      .filter(({ path }) => !path.startsWith('stark/kernel/'))
      .filter(({ imports }) => imports.some(({ to }) => to.startsWith('stark/kernel/')))
      .map(({ path }) => path);
    expect(users.length).toBeGreaterThan(0);
    expect(users.filter((path) => !/^stark\/[^/]+\.ts$/.test(path))).toEqual([]);
  });

  it('runs in a browser: no module of Node outside the command line', () => {
    const wrong = files
      .filter(({ path }) => !path.startsWith('cli/'))
      .flatMap(({ path, text, imports }) => [
        ...imports.filter(({ to }) => to.startsWith('node:')).map(({ to }) => `${path} -> ${to}`),
        ...(usesNode(text) && !asksForThreads(path) ? [`${path} uses Node`] : []),
      ]);
    expect(wrong).toEqual([]);
  });

  it('takes no package at run time but those of package.json', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const allowed = Object.keys(manifest.dependencies);
    const foreign = files.flatMap(({ path, imports }) =>
      imports
        .filter(({ to }) => !to.endsWith('.ts') && !to.startsWith('node:'))
        .filter(({ to }) => !allowed.some((name) => to === name || to.startsWith(`${name}/`)))
        .map(({ to }) => `${path} -> ${to}`),
    );
    expect(foreign).toEqual([]);
  });

  it('has files of a readable size', () => {
    const limit = (path: string): number => (path.startsWith('isa/chips/') ? 300 : 600);
    const long = files
      .map(({ path, text }) => ({ path, lines: text.split('\n').length }))
      .filter(({ path, lines }) => lines > limit(path) + 1);
    expect(long).toEqual([]);
  });

  it('opens each file with what it is, and names it for what it holds', () => {
    const bare = files.filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text)).map(({ path }) => path);
    expect(bare).toEqual([]);
    const vague = /(^|\/)(types|misc)\.ts$|(^|\/|-)(utils?|helpers?|common)\.ts$/;
    expect(files.filter(({ path }) => vague.test(path)).map(({ path }) => path)).toEqual([]);
  });
});
