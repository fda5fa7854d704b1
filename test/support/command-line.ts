/** The command line as users have it: compiled once, run as a process of its own. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const run = promisify(execFile);

export interface Ran {
  /** Exit status. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class CommandLine {
  /** A folder for files of the test. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Compiles into a new folder below `node_modules`, where imports of packages resolve. */
  static async build(): Promise<CommandLine> {
    const folder = await mkdtemp(join(root, 'node_modules/.braid-cli-'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    const tsc = join(root, 'node_modules/.bin/tsc');
    await run(tsc, ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')], { cwd: root });
    return new CommandLine(folder);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a file of the test; returns its path. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(this.path(name), content);
    return this.path(name);
  }

  /** Runs `braid` and closes its output at once; what it writes to stderr. */
  async unread(...words: readonly string[]): Promise<string> {
    const main = join(this.folder, 'dist/cli/main.js');
    const child = spawn(process.execPath, [main, ...words]);
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    await once(child, 'close');
    return stderr;
  }

  /** Runs `braid` with these words. */
  async braid(...words: readonly string[]): Promise<Ran> {
    const main = join(this.folder, 'dist/cli/main.js');
    try {
      const { stdout, stderr } = await run(process.execPath, [main, ...words]);
      return { status: 0, stdout, stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: unknown; stdout: string; stderr: string }; // of execFile
      if (typeof code !== 'number') throw error;
      return { status: code, stdout, stderr };
    }
  }
}
