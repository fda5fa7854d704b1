/** Every command of the command line, what it prints, and the exit status it ends with. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandLine, type Ran } from '../support/command-line.ts';
import { createDice } from '../support/tampering.ts';
import { encodeModule } from '../support/wasm-module.ts';

/** fib(n); add(a: i64, b: i32); trap; and an echo of nothing: all integers. */
const module = encodeModule({
  types: [
    [['i32'], ['i32']],
    [['i64', 'i32'], ['i64']],
    [[], []],
  ],
  functions: [
    {
      type: 0,
      body: [
        ['local.get', 0],
        ['i32.const', 2],
        'i32.lt_u',
        ['if', 'i32'],
        ['local.get', 0],
        'else',
        ['local.get', 0],
        ['i32.const', 1],
        'i32.sub',
        ['call', 0],
        ['local.get', 0],
        ['i32.const', 2],
        'i32.sub',
        ['call', 0],
        'i32.add',
        'end',
      ],
    },
    { type: 1, body: [['local.get', 0], ['local.get', 1], 'i64.extend_i32_s', 'i64.add'] },
    { type: 2, body: ['unreachable'] },
  ],
  exports: [
    ['fib', 0, 0],
    ['add', 0, 1],
    ['trap', 0, 2],
  ],
});
const floatModule = encodeModule({
  types: [[['f64'], ['f64']]],
  functions: [{ type: 0, body: [['local.get', 0], 'f64.neg'] }],
  exports: [['half', 0, 0]],
});
/** Returns the first word of the call data; reverts with four bytes. */
const echo = '0x5f355f5260205ff3';
const revert = '63deadbeef5f526004601cfd';

let cli: CommandLine;
const braid = (...words: string[]): Promise<Ran> => cli.braid(...words);
const json = ({ stdout }: Ran): Record<string, unknown> => {
  expect(stdout.trim().split('\n')).toHaveLength(1);
  return JSON.parse(stdout);
};

beforeAll(async () => {
  cli = await CommandLine.build();
  await cli.file('good.wasm', module);
  await cli.file('float.wasm', floatModule);
  await cli.file('echo.hex', `${echo}\n`);
  await cli.file('revert.evm', revert);
  await cli.file('unsupported.bin', Uint8Array.of(0x5f, 0x5f, 0x20));
  await cli.file('odd.hex', '0x123');
  await cli.file('no.hex', 'zz');
  await cli.file('noise.txt', 'not a program');
  await cli.file('input.bin', Uint8Array.of(1, 2, 3));
}, 120_000);
afterAll(() => cli.remove());

const path = (name: string): string => cli.path(name);

describe('braid run', () => {
  it('prints one object of a Wasm run', async () => {
    const ran = await braid('run', path('good.wasm'), '--invoke', 'fib', '--arg', '10', '--json');
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    const { steps, ...rest } = json(ran);
    expect(rest).toEqual({ status: 'returned', results: ['55'], output: '0x', gasUsed: 0 });
    expect(steps).toBeGreaterThan(100);
  });

  it('takes numbers signed, unsigned and in hex, and prints results unsigned', async () => {
    const add = ['run', path('good.wasm'), '--invoke', 'add', '--json'];
    const results = async (...values: string[]): Promise<unknown> =>
      json(await braid(...add, ...values.flatMap((value) => ['--arg', value])))['results'];
    expect(await results('-1', '0')).toEqual(['18446744073709551615']);
    expect(await results('0xffffffffffffffff', '4294967295')).toEqual(['18446744073709551614']);
  });

  it('prints one object of an EVM run, and says that all gas was not used', async () => {
    const words = ['--calldata', `0x${'11'.repeat(32)}`, '--gas', '100000', '--json'];
    const { steps, gasUsed, ...rest } = json(await braid('run', path('echo.hex'), ...words));
    expect(rest).toEqual({ status: 'returned', results: [], output: `0x${'11'.repeat(32)}` });
    expect(gasUsed).toBe(2 + 3 + 2 + 3 + 3 + 3 + 2);
    expect(steps).toBeGreaterThan(5);
  });

  it.each([
    ['a trap', ['good.wasm', '--invoke', 'trap'], 'trapped', 'unreachable'],
    ['a revert', ['revert.evm'], 'reverted', undefined],
    ['an opcode that is not lowered', ['unsupported.bin'], 'unsupported', 'opcode 0x20'],
    ['too little gas', ['echo.hex', '--gas', '3'], 'out-of-gas', undefined],
    [
      'too few steps',
      ['good.wasm', '--invoke', 'fib', '--arg', '20', '--max-steps', '50'],
      'step-limit',
      undefined,
    ],
  ] as const)('ends with status 1 after %s', async (_, [file, ...words], status, reason) => {
    const ran = await braid('run', path(file), ...words, '--json');
    expect([ran.status, json(ran)['status'], json(ran)['reason']]).toEqual([1, status, reason]);
  });

  it('prints lines without --json', async () => {
    const { status, stdout } = await braid('run', path('good.wasm'), '--invoke', 'trap');
    expect(status).toBe(1);
    expect(stdout).toContain('trapped (unreachable)');
  });

  it('takes the kind of a program from --vm, else from its bytes and its name', async () => {
    await cli.file('nameless', echo);
    expect((await braid('run', path('nameless'))).status).toBe(2);
    expect((await braid('run', path('nameless'), '--vm', 'evm')).status).toBe(0);
  });
});

describe('braid check', () => {
  it('prints what a run does, and rows and cells', async () => {
    const ran = await braid('check', path('good.wasm'), '--invoke', 'fib', '--arg', '5', '--json');
    expect(ran.status).toBe(0);
    const { rows, cells, paddedCells, ...rest } = json(ran);
    expect(rest).toMatchObject({ ok: true, status: 'returned', results: ['5'], failures: [] });
    for (const count of [rows, cells]) expect(count).toBeGreaterThan(0);
    expect(paddedCells).toBeGreaterThan(Number(cells));
  });

  it('holds for a trap, and still ends with status 1', async () => {
    const ran = await braid('check', path('good.wasm'), '--invoke', 'trap', '--json');
    expect([ran.status, json(ran)['ok'], json(ran)['status']]).toEqual([1, true, 'trapped']);
  });
});

describe('braid stats', () => {
  it('counts chips, opcodes and functions', async () => {
    const ran = await braid('stats', path('good.wasm'), '--invoke', 'fib', '--arg', '5', '--json');
    const { chips, opcodes, functions, steps } = json(ran);
    expect(ran.status).toBe(0);
    expect(chips).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'add-sub' })]));
    const sum = (counts: unknown): number =>
      Object.values(counts as Record<string, number>).reduce((total, count) => total + count, 0);
    expect(sum(functions)).toBe(steps);
    expect(sum(opcodes)).toBe(steps);
  });
});

describe('braid disasm', () => {
  it('prints the lowered program with source offsets beside it', async () => {
    const { status, stdout } = await braid('disasm', path('good.wasm'));
    expect(status).toBe(0);
    expect(stdout).toMatch(/; unit .*runtime/);
    expect(stdout).toMatch(/^ +0x[0-9a-f]+ +\d+ {2}sub32 /m);
  });
});

describe('an output that nobody reads', () => {
  it('is no error', async () => {
    expect(await cli.unread('disasm', path('good.wasm'))).toBe('');
    expect(await cli.unread('run', path('good.wasm'), '--invoke', 'fib', '--arg', '3')).toBe('');
  });
});

describe('braid prove and verify', () => {
  const add = ['--invoke', 'add', '--arg', '-5', '--arg', '-2'];
  let proof: string;
  let proven: Record<string, unknown>;
  beforeAll(async () => {
    proof = path('add.proof');
    const ran = await braid('prove', path('good.wasm'), ...add, '-o', proof, '--json');
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    const { proofBytes, seconds, rows, cells, paddedCells, ...rest } = json(ran);
    proven = json(ran);
    const results = ['18446744073709551609'];
    expect(rest).toMatchObject({ status: 'returned', results, output: '0x', gasUsed: 0 });
    expect(proofBytes).toBe((await stat(proof)).size);
    for (const count of [seconds, rows, cells, paddedCells]) expect(count).toBeGreaterThan(0);
  }, 120_000);
  const verify = (...words: string[]): Promise<Ran> =>
    braid('verify', proof, '--program', path('good.wasm'), ...words);

  it('says what each phase took, and each chip', () => {
    const phases = proven['phases'] as { phase: string; seconds: number; bytes: number }[];
    const names = ['execute', 'fill', 'commit', 'logup', 'constraints', 'deep', 'fri', 'queries'];
    expect(phases.map(({ phase }) => phase)).toEqual(names);
    for (const { seconds, bytes } of phases) {
      expect(seconds).toBeGreaterThan(0);
      expect(bytes).toBeGreaterThan(0);
    }
    expect(phases.at(-1)!.bytes).toBe(proven['proofBytes']);
    const all = phases.reduce((sum, { seconds }) => sum + seconds, 0);
    expect(all).toBeLessThanOrEqual(proven['seconds'] as number);
    const chips = proven['chips'] as { name: string; cells: number }[];
    expect(chips.reduce((sum, { cells }) => sum + cells, 0)).toBe(proven['cells']);
    expect(chips.map(({ name }) => name)).toContain('add-sub');
  });

  it('makes the same proof with as many threads as it is told, and refuses other counts', async () => {
    const alone = path('alone.proof');
    const words = ['prove', path('good.wasm'), ...add, '-o', alone, '--threads'];
    const ran = await braid(...words, '1', '--json');
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(json(ran)['threads']).toBe(1);
    expect(Buffer.compare(await readFile(alone), await readFile(proof))).toBe(0);
    for (const count of ['0', '65', 'many', '-1', '1.5']) {
      const refused = await braid(...words, count);
      expect(refused).toMatchObject({ status: 2, stdout: '' });
      expect(refused.stderr).toMatch(/^braid: --threads: /);
    }
  }, 60_000);

  it('says what was proven, and takes its numbers signed', async () => {
    const ran = await verify(...add, '--status', 'returned', '--result', '-7', '--json');
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    const { ok, provenBits, profile, milliseconds, statement } = json(ran);
    expect([ok, profile]).toEqual([true, 'P100']);
    expect(provenBits).toBeGreaterThanOrEqual(100);
    expect(milliseconds).toBeGreaterThan(0);
    const digest = expect.stringMatching(/^0x[0-9a-f]{64}$/);
    expect(statement).toEqual({
      program: digest,
      units: [digest, digest],
      vm: 'wasm',
      invoked: 'add',
      arguments: ['18446744073709551611', '4294967294'],
      input: '0x',
      status: 'returned',
      results: ['18446744073709551609'],
      output: '0x',
    });
  });

  it.each([
    ['another program', ['--program', 'echo.hex'], 'program'],
    ['another export', ['--invoke', 'fib'], 'invoked'],
    ['another argument', ['--arg', '7'], 'arguments'],
    ['another input', ['--input', 'input.bin'], 'input'],
    ['another profile', ['--profile', 'P128'], 'profile'],
    ['another status', ['--status', 'trapped'], 'status'],
    ['another result', ['--result', '9'], 'results'],
    ['another output', ['--output', '0x01'], 'output'],
  ] as const)('refuses %s', async (_, [option, value], where) => {
    const isFile = option === '--program' || option === '--input';
    const ran = await verify(option, isFile ? path(value) : value, '--json');
    expect(ran.status).toBe(1);
    const { ok, rejection } = json(ran);
    expect(ok).toBe(false);
    expect(rejection).toMatchObject({ code: 'mismatch', where, message: expect.any(String) });
  });

  it('refuses twenty proofs with a byte flipped, without a stack trace', async () => {
    const bytes = await readFile(proof);
    const dice = createDice(61);
    for (let i = 0; i < 20; i++) {
      const flipped = Uint8Array.from(bytes);
      const at = i < 3 ? i * 5 : Math.floor(((i + dice(100) / 100) / 20) * bytes.length);
      flipped[at]! ^= 1 + dice(255);
      const file = await cli.file('flipped.proof', flipped);
      const ran = await braid('verify', file, '--program', path('good.wasm'));
      expect([ran.status, ran.stdout], `byte ${at}`).toEqual([1, '']);
      expect(ran.stderr).toMatch(/^braid: proof refused: .*\n$/);
    }
  });

  it.each([
    ['a trap', ['good.wasm', '--invoke', 'trap'], 'trapped'],
    ['a revert', ['revert.evm', '--profile', 'P128'], 'reverted'],
  ] as const)('prove %s with status 0', async (name, [file, ...words], status) => {
    const out = path(`${name}.proof`);
    const proven = await braid('prove', path(file), ...words, '-o', out, '--json');
    expect([proven.status, json(proven)['status']]).toEqual([0, status]);
    const verified = await braid('verify', out, '--program', path(file), '--status', status);
    expect(verified.status).toBe(0);
  });

  it('write nothing where a run cannot be proven', async () => {
    const out = path('none.proof');
    const words = ['prove', path('good.wasm'), ...add, '--max-steps', '9', '-o', out];
    const ran = await braid(...words);
    expect([ran.status, (await readdir(cli.folder)).filter((name) => /^none/.test(name))]).toEqual([
      1,
      [],
    ]);
    expect(ran.stderr).toContain('step-limit');
  });

  it('write nothing where the folder is none', async () => {
    const ran = await braid('prove', path('revert.evm'), '-o', path('no/folder/proof'));
    expect(ran.status).toBe(2);
    expect(ran.stderr).toMatch(/^braid: --out: cannot write /);
  });
});

describe('misuse ends with status 2 and one line:', () => {
  it.each([
    ['no command', [], /Usage/],
    ['an unknown command', ['fly'], /unknown command 'fly'/],
    ['no file', ['run'], /missing required argument 'file'/],
    ['a file that is not there', ['run', 'FOLDER/gone.wasm'], /cannot read .*gone\.wasm/],
    ['an unknown option', ['run', 'FOLDER/good.wasm', '--fast'], /unknown option '--fast'/],
    ['an unknown kind', ['run', 'FOLDER/good.wasm', '--vm', 'jvm'], /--vm/],
    ['the wrong kind', ['run', 'FOLDER/echo.hex', '--vm', 'wasm'], /^braid: /],
    ['no program', ['run', 'FOLDER/noise.txt'], /is no Wasm module/],
    ['a module with floats', ['run', 'FOLDER/float.wasm'], /floating point/],
    ['an odd number of digits', ['run', 'FOLDER/odd.hex'], /no even number of hex digits/],
    ['no digits', ['run', 'FOLDER/no.hex'], /no even number of hex digits/],
    ['no export named', ['run', 'FOLDER/good.wasm'], /expected one of fib, add, trap/],
    [
      'an unknown export',
      ['run', 'FOLDER/good.wasm', '--invoke', 'sub'],
      /expected one of fib, add, trap, got sub/,
    ],
    [
      'too few arguments',
      ['run', 'FOLDER/good.wasm', '--invoke', 'fib'],
      /fib takes 1 \(i32\), got 0/,
    ],
    [
      'no number',
      ['run', 'FOLDER/good.wasm', '--invoke', 'fib', '--arg', 'ten'],
      /--arg: expected an integer, got ten/,
    ],
    [
      'a number too large',
      ['run', 'FOLDER/good.wasm', '--invoke', 'fib', '--arg', '4294967296'],
      /expected an i32/,
    ],
    [
      'odd call data',
      ['run', 'FOLDER/echo.hex', '--calldata', '0x1'],
      /--calldata: expected an even number of hex digits/,
    ],
    ['negative gas', ['run', 'FOLDER/echo.hex', '--gas', '-1'], /gas/],
    [
      'call data for Wasm',
      ['run', 'FOLDER/good.wasm', '--invoke', 'trap', '--calldata', '00'],
      /calldata: has no meaning/,
    ],
    [
      'an export of a contract',
      ['run', 'FOLDER/echo.hex', '--invoke', 'fib'],
      /invoke: has no meaning/,
    ],
    [
      'no steps',
      ['run', 'FOLDER/good.wasm', '--invoke', 'trap', '--max-steps', '0'],
      /--max-steps: expected 1/,
    ],
    [
      'no output file',
      ['prove', 'FOLDER/good.wasm', '--invoke', 'trap'],
      /required option '-o, --out/,
    ],
    [
      'an unknown profile',
      ['prove', 'FOLDER/good.wasm', '--profile', 'test', '-o', 'FOLDER/x'],
      /--profile/,
    ],
    [
      'no proof',
      ['verify', 'FOLDER/gone.proof', '--program', 'FOLDER/good.wasm'],
      /proof: cannot read/,
    ],
    ['no program to verify', ['verify', 'FOLDER/good.wasm'], /required option '--program/],
    [
      'call data for a Wasm proof',
      ['verify', 'FOLDER/good.wasm', '--program', 'FOLDER/good.wasm', '--calldata', '00'],
      /--calldata: has no meaning/,
    ],
    [
      'a result of a contract',
      ['verify', 'FOLDER/good.wasm', '--program', 'FOLDER/echo.hex', '--result', '1'],
      /--result: has no meaning/,
    ],
    [
      'an unknown status',
      ['verify', 'FOLDER/good.wasm', '--program', 'FOLDER/good.wasm', '--status', 'fine'],
      /--status: expected one of/,
    ],
  ] as const)('%s', async (_, words, says) => {
    const ran = await braid(...words.map((word) => word.replace('FOLDER', cli.folder)));
    expect([ran.status, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toMatch(says);
    expect(ran.stderr).not.toMatch(/^ +at /m);
  });

  it('but asking for help or the version is none', async () => {
    for (const words of [['--help'], ['prove', '--help'], ['--version']]) {
      const ran = await braid(...words);
      expect([ran.status, ran.stderr]).toEqual([0, '']);
    }
  });
});
