/**
 * The official WebAssembly 2.0 core suite on the interpreter.
 *
 * Assertions about invocations run on modules of integers as they are, and on integer twins of modules that
 * only move floats about; modules to be refused are. The rest is listed with its reason below.
 */

import { describe, expect, it } from 'vitest';
import { conformanceFile } from '../support/conformance.ts';
import { runCoreSuite } from '../support/wasm-suite.ts';

/** File; assertions about integer modules, about integer twins; modules refused as asserted. */
const passing: readonly (readonly [string, number, number, number])[] = [
  ['address', 217, 38, 0],
  ['align', 2, 46, 43],
  ['binary', 0, 0, 116],
  ['binary-leb128', 0, 0, 58],
  ['block', 0, 47, 155],
  ['br', 0, 60, 20],
  ['br_if', 0, 79, 29],
  ['br_table', 0, 0, 24],
  ['call', 0, 68, 18],
  ['call_indirect', 12, 0, 24],
  ['const', 0, 300, 0],
  ['endianness', 0, 68, 0],
  ['f32', 0, 0, 11],
  ['f64', 0, 0, 11],
  ['fac', 7, 0, 0],
  ['func', 3, 91, 49],
  ['func_ptrs', 22, 0, 7],
  ['global', 0, 0, 44],
  ['i32', 374, 0, 83],
  ['i64', 384, 0, 29],
  ['if', 0, 112, 92],
  ['int_exprs', 89, 0, 0],
  ['int_literals', 30, 0, 0],
  ['labels', 25, 0, 3],
  ['left-to-right', 0, 65, 0],
  ['load', 37, 0, 46],
  ['local_get', 0, 17, 16],
  ['local_set', 0, 18, 33],
  ['local_tee', 0, 47, 41],
  ['loop', 0, 56, 27],
  ['memory', 11, 41, 18],
  ['memory_fill', 0, 0, 64],
  ['memory_grow', 85, 0, 7],
  ['memory_redundancy', 0, 4, 0],
  ['names', 481, 0, 0],
  ['nop', 83, 0, 4],
  ['ref_func', 0, 0, 3],
  ['ref_is_null', 0, 0, 2],
  ['return', 0, 52, 20],
  ['store', 9, 0, 51],
  ['table', 0, 0, 4],
  ['table-sub', 0, 0, 2],
  ['table_fill', 0, 0, 9],
  ['table_init', 0, 0, 67],
  ['table_set', 0, 0, 7],
  ['table_size', 0, 0, 2],
  ['traps', 10, 14, 0],
  ['unreached-valid', 0, 1, 0],
  ['unwind', 0, 49, 0],
  ['utf8-import-field', 0, 0, 176],
];

/** Why assertions outside of `simd/` are not run. */
const reasonsApart = [
  /^floating point$/,
  /^SIMD$/,
  /^bulk memory$/,
  /^reference types$/,
  /^linked modules$/,
  /^imports from /,
  /^tests the text format$/,
];

const tarball = conformanceFile('wasm/core-2.0.tar.gz');

describe.skipIf(tarball === undefined)('the WebAssembly 2.0 core suite', () => {
  const reports = tarball === undefined ? [] : runCoreSuite(tarball);

  it('passes every assertion that applies', () => {
    expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
  });

  it('runs as many assertions of each file as listed', () => {
    const counts = reports
      .filter(({ file }) => !file.startsWith('simd/'))
      .map(({ file, invoked, twins, refused }) => [file, invoked, twins, refused])
      .filter(([, invoked, twins, refused]) => invoked || twins || refused);
    expect(counts).toEqual(passing);
  });

  it('leaves out assertions for known reasons only', () => {
    for (const { apart } of reports) {
      for (const reason of apart.keys()) {
        expect(reasonsApart.filter((known) => known.test(reason))).toHaveLength(1);
      }
    }
  });
});
