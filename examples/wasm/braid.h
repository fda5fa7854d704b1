/*
 * braid.h: what a C program imports from Braid (module "braid"; spec/3-lowering-wasm.md).
 *
 * Public input, arguments, results and output are part of the statement that a proof is about. Private
 * input is not: the verifier never sees it, so check whatever you read from it.
 */
#ifndef BRAID_H
#define BRAID_H

#include <stdint.h>

#define BRAID_IMPORT(name) __attribute__((import_module("braid"), import_name(#name)))
/* Makes a function of the program invocable: BRAID_EXPORT(fib) int32_t fib(int32_t n) { … } */
#define BRAID_EXPORT(name) __attribute__((export_name(#name)))

/* Byte lengths of the two inputs. */
BRAID_IMPORT(input_size) uint32_t braid_input_size(void);
BRAID_IMPORT(private_input_size) uint32_t braid_private_input_size(void);

/*
 * Copies up to `length` bytes of the input from byte `offset` on to `dest` and returns how many there
 * were. Traps unless all `length` bytes at `dest` lie in memory.
 */
BRAID_IMPORT(read_input) uint32_t braid_read_input(void *dest, uint32_t offset, uint32_t length);
BRAID_IMPORT(read_private_input)
uint32_t braid_read_private_input(void *dest, uint32_t offset, uint32_t length);

/* Appends to the public output. */
BRAID_IMPORT(write_output) void braid_write_output(const void *source, uint32_t length);

/* Ends the run with the trap "abort"; the code is its only result. */
BRAID_IMPORT(abort) _Noreturn void braid_abort(uint32_t code);

#endif
