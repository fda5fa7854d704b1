/**
 * Function names from the custom section `name`, subsection 1 (Wasm, appendix "Custom Sections").
 *
 * Names serve statistics and listings only. A custom section that is malformed is no error of the module
 * (Wasm 5.5.3), so reading stops silently at the first thing that is wrong.
 */

import { CompileError } from '../frontend.ts';
import { Reader } from './reader.ts';

/** The reader stands behind the name of the section. */
export function readFunctionNames(reader: Reader): Map<number, string> {
  const names = new Map<number, string>();
  try {
    while (!reader.isAtEnd) {
      const id = reader.byte();
      const size = reader.u32();
      const start = reader.position;
      if (id === 1) {
        const subsection = new Reader(reader.bytes, start, Math.min(start + size, reader.end));
        for (let left = subsection.u32(); left > 0; left--) {
          const index = subsection.u32();
          names.set(index, subsection.name());
        }
      }
      reader.position = start + size;
    }
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
  }
  return names;
}
