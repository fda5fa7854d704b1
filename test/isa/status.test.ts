import { expect, test } from 'vitest';
import {
  evmHalts,
  type ReasonRow,
  reasonText,
  type StatusName,
  statuses,
  statusOf,
  statusText,
  wasmTraps,
} from '../../src/isa/status.ts';

test('no status is 0 and each code names one status', () => {
  const names = Object.keys(statuses) as StatusName[];
  expect(names.map((name) => statusOf(statuses[name]))).toEqual(names);
  expect(statusOf(0)).toBeUndefined();
  expect(statusOf(7)).toBeUndefined();
  expect(new Set(names.map(statusText)).size).toBe(names.length);
});

test.each<[string, Record<string, ReasonRow>]>([
  ['wasm', wasmTraps],
  ['evm', evmHalts],
])('reasons of %s are distinct, from 1 on, without gaps', (_, rows) => {
  const codes = Object.values(rows).map(({ code }) => code);
  expect(codes).toEqual(codes.map((_code, i) => i + 1));
  expect(new Set(Object.values(rows).map(({ text }) => text)).size).toBe(codes.length);
});

test('reasons have words', () => {
  expect(reasonText('wasm', 'trapped', wasmTraps.divideByZero.code)).toBe('integer divide by zero');
  expect(reasonText('evm', 'trapped', evmHalts.invalidJump.code)).toBe('invalid jump destination');
  expect(reasonText('evm', 'unsupported', 0xf1)).toBe('opcode 0xf1');
  expect(reasonText('evm', 'trapped', 99)).toBe('reason 99');
  expect(reasonText('evm', 'returned', 0)).toBe('');
});
