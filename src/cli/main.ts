#!/usr/bin/env node
/** The command `braid`: parses, calls one command, turns what it throws into a line and a status. */

import { Command, CommanderError, Option } from 'commander';
import { CompileError } from '../frontends/frontend.ts';
import { Misuse } from './options.ts';

/** Done; refused, or the guest did not return; misuse or unreadable input. */
const exitStatus = { done: 0, refused: 1, misuse: 2 } as const;

function withCall(command: Command): Command {
  return command
    .argument('<file>', 'a .wasm module, or EVM bytecode, binary or hex (.evm, .hex, .bin)')
    .addOption(
      new Option('--vm <kind>', 'what the file is; recognised if left out').choices([
        'wasm',
        'evm',
      ]),
    )
    .option('--invoke <name>', 'Wasm: the exported function')
    .option('--arg <value>', 'Wasm: an argument, decimal or 0x; once for each', collect, [])
    .option('--calldata <hex>', 'EVM: call data')
    .option('--gas <number>', 'EVM: gas limit')
    .option('--env <field=value>', 'EVM: caller=0x…, timestamp=…; once for each', collect, [])
    .option('--input <file>', 'Wasm: public input')
    .option('--private-input <file>', 'input that only the prover knows')
    .option('--max-steps <number>', 'end the run after so many instructions')
    .option('--json', 'print one JSON object');
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function makeProgram(done: (status: number) => void): Command {
  const program = new Command('braid')
    .description('Runs, proves and verifies EVM bytecode and WebAssembly.')
    .version('0.1.0')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, 'braid:')) });
  const sub = (name: string, description: string): Command =>
    program.command(name).description(description).exitOverride();
  const profile = (): Option =>
    new Option('--profile <name>', 'security profile').choices(['P100', 'P128']);

  withCall(sub('run', 'run a program')).action(async (file, options) => {
    const { runCommand } = await import('./commands.ts');
    done(await runCommand(file, options));
  });
  withCall(sub('check', 'run a program and check everything a proof would prove')).action(
    async (file, options) => {
      const { checkCommand } = await import('./commands.ts');
      done(await checkCommand(file, options));
    },
  );
  withCall(sub('prove', 'run a program and prove how it ended'))
    .addOption(profile().default('P100'))
    .option('--threads <number>', 'threads that prove; one for each core if left out')
    .requiredOption('-o, --out <proof>', 'where the proof goes')
    .action(async (file, options) => {
      const { proveCommand } = await import('./commands.ts');
      done(await proveCommand(file, options));
    });
  withCall(sub('stats', 'where the steps, rows and cells of a run go')).action(
    async (file, options) => {
      const { statsCommand } = await import('./commands.ts');
      done(await statsCommand(file, options));
    },
  );
  sub('disasm', 'print the lowered program')
    .argument('<file>', 'as for run')
    .addOption(new Option('--vm <kind>', 'what the file is').choices(['wasm', 'evm']))
    .action(async (file, options) => {
      const { disasmCommand } = await import('./commands.ts');
      done(await disasmCommand(file, options));
    });
  sub('verify', 'verify a proof')
    .argument('<proof>', 'the proof')
    .requiredOption('--program <file>', 'the source that was run')
    .addOption(new Option('--vm <kind>', 'what the source is').choices(['wasm', 'evm']))
    .addOption(profile())
    .option('--invoke <name>', 'the exported function that must have been called')
    .option('--arg <value>', 'its arguments, once for each', collect, [])
    .option('--calldata <hex>', 'the call data it must have had')
    .option('--gas <number>', 'the gas limit it must have had')
    .option('--env <field=value>', 'a field of its environment, once for each', collect, [])
    .option('--input <file>', 'the public input it must have had')
    .option('--status <status>', 'how it must have ended')
    .option('--result <value>', 'the results it must have, once for each', collect, [])
    .option('--output <hex>', 'the output it must have')
    .option('--json', 'print one JSON object')
    .action(async (file, options) => {
      const { verifyCommand } = await import('./verify.ts');
      done(await verifyCommand(file, options));
    });
  return program;
}

async function main(): Promise<number> {
  let status: number = exitStatus.done;
  try {
    await makeProgram((code) => {
      status = code;
    }).parseAsync();
    return status;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitStatus.done : exitStatus.misuse;
    if (error instanceof Misuse || error instanceof CompileError || error instanceof RangeError) {
      process.stderr.write(`braid: ${error.message}\n`);
      return exitStatus.misuse;
    }
    throw error;
  }
}

// Who reads the output may have had enough: `braid disasm … | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await main();
