/** `braid-zkvm/isa`: the machine, its programs, and the interpreter. */

export { type Assembled, type AssemblyError, assemble } from './isa/assembler.ts';
export { type Condition, type Label, UnitBuilder, type UnitOptions } from './isa/builder.ts';
export { programDigest, unitDigest } from './isa/digests.ts';
export { disassemble, disassembleProgram } from './isa/disassembler.ts';
export { type Format, type FormatName, formats } from './isa/formats.ts';
export { type InstructionRow, instructions, type Mnemonic } from './isa/instructions.ts';
export { type RunOptions, type RunResult, run } from './isa/interpreter.ts';
export { type LinkError, type LinkOptions, link } from './isa/linker.ts';
export { instructionChips, machine } from './isa/machine.ts';
export type { Program, Unit } from './isa/program.ts';
export type { MachineState } from './isa/state.ts';
export {
  decodeStatement,
  encodeStatement,
  instanceOf,
  type Statement,
} from './isa/statement.ts';
