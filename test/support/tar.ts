/**
 * Reads `.tar.gz` archives: names and contents of the plain files, nothing else (POSIX.1-1988 ustar, and
 * the long names of GNU and pax archives).
 */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const BLOCK_BYTES = 512;

/** Contents by path. Throws for a file that is no gzip archive. */
export function readTarball(path: string): ReadonlyMap<string, Uint8Array> {
  const bytes = gunzipSync(readFileSync(path));
  const files = new Map<string, Uint8Array>();
  let longName: string | undefined;
  for (let at = 0; at + BLOCK_BYTES <= bytes.length; ) {
    const name = text(bytes, at, 100);
    if (name === '') break;
    const size = Number.parseInt(text(bytes, at + 124, 12).trim(), 8);
    const kind = String.fromCharCode(bytes[at + 156]!);
    const prefix = text(bytes, at + 345, 155);
    const content = bytes.subarray(at + BLOCK_BYTES, at + BLOCK_BYTES + size);
    if (kind === 'L') {
      longName = text(content, 0, size);
    } else if (kind === 'x') {
      longName = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(new TextDecoder().decode(content))?.[1];
    } else {
      if (kind === '0' || kind === '\0') {
        files.set(longName ?? (prefix === '' ? name : `${prefix}/${name}`), content);
      }
      longName = undefined;
    }
    at += BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return files;
}

/** Up to the first zero byte. */
function text(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}
