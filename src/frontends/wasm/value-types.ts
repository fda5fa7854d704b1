/**
 * Value types of WebAssembly, named by their byte of the binary format (Wasm 5.3).
 */

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
export const FUNCREF = 0x70;
export const EXTERNREF = 0x6f;
/** What an unreachable operand stack yields: fits every type (Wasm, appendix "Validation Algorithm"). */
export const UNKNOWN = 0;

/** One of the bytes above. */
export type ValueType = number;

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

const names: Readonly<Record<number, string>> = {
  [I32]: 'i32',
  [I64]: 'i64',
  [F32]: 'f32',
  [F64]: 'f64',
  [V128]: 'v128',
  [FUNCREF]: 'funcref',
  [EXTERNREF]: 'externref',
  [UNKNOWN]: 'any',
};

export function typeName(type: ValueType): string {
  return names[type] ?? `type 0x${type.toString(16)}`;
}

export function isFloat(type: ValueType): boolean {
  return type === F32 || type === F64;
}

export function isReference(type: ValueType): boolean {
  return type === FUNCREF || type === EXTERNREF;
}

export function isSameType(left: FunctionType, right: FunctionType): boolean {
  return (
    left.parameters.length === right.parameters.length &&
    left.results.length === right.results.length &&
    left.parameters.every((type, i) => type === right.parameters[i]) &&
    left.results.every((type, i) => type === right.results[i])
  );
}
