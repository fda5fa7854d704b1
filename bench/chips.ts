/** Emits and compiles every chip of the machine and prints how long that takes: run as a process of its own. */

import { machine } from '../src/isa/machine.ts';
import { assembleChip } from '../src/stark/kernel/chip-module.ts';
import { planChip } from '../src/stark/kernel/chip-plan.ts';

const started = performance.now();
// As a proof does: the engine compiles one while the next is emitted.
const modules = machine.chips.map((chip) => {
  const { bytes } = assembleChip(planChip(chip, 4), true);
  return { bytes: bytes.length, compiled: WebAssembly.compile(bytes) };
});
await Promise.all(modules.map(({ compiled }) => compiled));
const bytes = modules.reduce((sum, module) => sum + module.bytes, 0);
const milliseconds = performance.now() - started;
console.log(JSON.stringify({ milliseconds, bytes, chips: machine.chips.length }));
