/**
 * Every prover on every work that it can express, one table: `npm ci && npm run peers`; or the works and the peers whose
 * names begin with the words given, `npm run peers -- generator snarkjs noir`.
 *
 * Each runs in a process of its own, one after the other; Braid on the same work of the same size follows in the same
 * run. The table also goes to results.json. Where a peer cannot be had or fails, its row says why.
 */

import { fork } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { peers } from './peers.js';
import { SECP256K1, titles } from './works.js';

/** Longer than any of them needs on two cores. */
const LIMIT_MINUTES = 15;
const POLL_MILLISECONDS = 50;

/**
 * @typedef {object} Figures
 * @property {number} setUpSeconds
 * @property {number} firstProofSeconds
 * @property {number} proveSeconds
 * @property {number} samples
 * @property {number} [verifySeconds]
 * @property {number} bytes
 * @property {number} setUpMemory greatest resident size until the set-up is over, of the process and its children
 * @property {number} proveMemory the same from then on
 */

/**
 * Resident bytes of a process and all below it; undefined where there is no /proc.
 *
 * @param {number} root
 */
function residentBytes(root) {
  try {
    const processes = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          const status = readFileSync(`/proc/${name}/status`, 'utf8');
          const field = (/** @type {string} */ key) =>
            Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
          return [{ id: Number(name), parent: field('PPid'), bytes: field('VmRSS') * 1024 }];
        } catch {
          return []; // it has ended
        }
      });
    const below = new Set([root]);
    for (let size = 0; size < below.size; ) {
      size = below.size;
      for (const { id, parent } of processes) if (below.has(parent)) below.add(id);
    }
    return processes.reduce((sum, { id, bytes }) => sum + (below.has(id) ? bytes : 0), 0);
  } catch {
    return undefined;
  }
}

/**
 * @param {import('./peer.js').Peer} peer
 * @param {string} work
 * @param {number} count
 * @param {bigint} modulus
 * @returns {Promise<Figures | { reason: string }>}
 */
function run(peer, work, count, modulus) {
  return new Promise((resolve) => {
    const child = fork(
      fileURLToPath(new URL('child.js', import.meta.url)),
      [peer.name, work, String(count), String(modulus)],
      { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
    );
    let errors = '';
    child.stderr?.on('data', (chunk) => {
      errors = `${errors}${chunk}`.slice(-2000);
    });
    /** @type {Figures | { reason: string } | undefined} */
    let answer;
    const peaks = { setUp: 0, proving: 0 };
    /** @type {keyof typeof peaks} */
    let phase = 'setUp';
    const poll = setInterval(() => {
      const bytes = child.pid === undefined ? undefined : residentBytes(child.pid);
      if (bytes !== undefined) peaks[phase] = Math.max(peaks[phase], bytes);
    }, POLL_MILLISECONDS);
    const limit = setTimeout(() => {
      answer = { reason: `did not end within ${LIMIT_MINUTES} minutes` };
      child.kill('SIGKILL');
    }, LIMIT_MINUTES * 60_000);
    child.on('message', (/** @type {any} */ message) => {
      if (message.phase) phase = message.phase;
      else if (message.reason) answer ??= { reason: message.reason };
      else answer ??= message.figures;
    });
    child.on('close', (code, signal) => {
      clearInterval(poll);
      clearTimeout(limit);
      const last = errors.trim().split('\n').at(-1) ?? '';
      const ended = answer ?? { reason: `ended with ${signal ?? code}: ${last}` };
      resolve(
        'reason' in ended
          ? ended
          : { ...ended, setUpMemory: peaks.setUp, proveMemory: peaks.proving },
      );
    });
  });
}

/** @param {string} name of a package of this folder */
function versionOf(name) {
  try {
    const path = new URL(`node_modules/${name}/package.json`, import.meta.url);
    return JSON.parse(readFileSync(path, 'utf8')).version;
  } catch {
    return 'not installed';
  }
}

/** @param {number} value */
const short = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const megabytes = (/** @type {number} */ bytes) =>
  bytes === 0 ? '?' : (bytes / 2 ** 20).toFixed(0);

const headings = [
  ...['prover', 'N', 'set-up s', 'first s', 'prove s', 'ms / step', 'verify ms', 'bytes'],
  ...['MB set-up', 'MB prove', 'times Braid'],
];

/**
 * @param {string} name
 * @param {number} count
 * @param {Figures | { reason: string }} answer
 * @param {Figures | { reason: string }} own Braid's on the same work
 */
function rowOf(name, count, answer, own) {
  if ('reason' in answer) return [name, count > 0 ? String(count) : '', answer.reason];
  const ratio = 'reason' in own ? '?' : short(answer.proveSeconds / own.proveSeconds);
  return [
    name,
    String(count),
    short(answer.setUpSeconds),
    short(answer.firstProofSeconds),
    short(answer.proveSeconds),
    short((1000 * answer.proveSeconds) / count),
    answer.verifySeconds === undefined ? 'none' : short(1000 * answer.verifySeconds),
    String(answer.bytes),
    megabytes(answer.setUpMemory),
    megabytes(answer.proveMemory),
    // Where Braid is the slower one, the row says so.
    answer === own ? '' : Number(ratio) < 1 ? `${ratio} (Braid loses)` : ratio,
  ];
}

/** @param {readonly (readonly string[])[]} rows */
function print(rows) {
  const widths = headings.map((heading, column) =>
    Math.max(
      heading.length,
      ...rows.filter((row) => row.length === headings.length).map((row) => row[column].length),
      ...(column < 2 ? rows.filter((row) => row.length > 1).map((row) => row[column].length) : []),
    ),
  );
  for (const row of [headings, headings.map((_, i) => '-'.repeat(widths[i])), ...rows]) {
    if (row.length === 1) console.log(`\n${row[0]}`);
    else
      console.log(
        row
          .map((cell, i) =>
            i === 0 || (i === 2 && row.length === 3)
              ? cell.padEnd(widths[i])
              : cell.padStart(widths[i]),
          )
          .join('  '),
      );
  }
}

const given = process.argv.slice(2).map((word) => word.toLowerCase());
const works = /** @type {import('./works.js').WorkName[]} */ (Object.keys(titles));
const wanted = works.some((work) => given.includes(work))
  ? works.filter((work) => given.includes(work))
  : works;
const words = given.filter((word) => !works.some((work) => work === word));
const [braid, ...others] = peers;
const chosen = others.filter(
  ({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().startsWith(word)),
);
if (chosen.length === 0) {
  console.error(`peers: expected ${others.map(({ name }) => name).join(' | ')}`);
  process.exit(2);
}
const started = Date.now();
const loadBefore = loadavg()[0];
const rows = [];
const results = [];
/** @type {Map<string, Figures | { reason: string }>} */
const own = new Map();
for (const work of wanted) {
  rows.push([titles[work]]);
  for (const peer of chosen) {
    const possible = peer.works[work];
    if ('impossible' in possible) {
      rows.push([peer.name, '', `not expressed: ${possible.impossible}`]);
      results.push({ peer: peer.name, work, impossible: possible.impossible });
      continue;
    }
    const { count, modulus = SECP256K1 } = possible;
    console.error(`${peer.name}: ${work}, ${count}`);
    const key = `${work} ${count} ${modulus}`;
    const isNew = !own.has(key);
    if (isNew) own.set(key, await run(braid, work, count, modulus));
    const braids = own.get(key);
    const answer = await run(peer, work, count, modulus);
    rows.push(rowOf(peer.name, count, answer, braids));
    if (isNew) rows.push(rowOf(`  ${braid.name}`, count, braids, braids));
    results.push({ peer: peer.name, work, count, modulus: String(modulus), answer, braid: braids });
  }
}
const minutes = (Date.now() - started) / 60_000;
console.log();
print(rows);
console.log();
for (const peer of [braid, ...chosen]) {
  const versions = peer.packages.map((name) => `${name} ${versionOf(name)}`).join(', ');
  console.log(`${peer.name}: ${versions}${versions ? '; ' : ''}${peer.proof}; ${peer.security}`);
  if (peer.remark) console.log(`  ${peer.remark}`);
}
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  node: process.version,
  date: new Date().toISOString(),
  loadBefore,
  minutes,
};
console.log(`
prove: witness or execution included, median of warm proofs; first: the first one of the process. bytes: of the proof.
MB: greatest resident size of the process and its children, in the set-up and from then on.
SHA-256 and Keccak are left out until Braid's machine has them.
${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${short(loadBefore)} before the run; ${short(minutes)} minutes`);
if (given.length === 0) {
  const versions = Object.fromEntries(
    chosen.flatMap(({ packages }) => packages.map((name) => [name, versionOf(name)])),
  );
  writeFileSync(
    new URL('results.json', import.meta.url),
    `${JSON.stringify({ machine, versions, results }, null, 2)}\n`,
  );
}
