/*
 * A real C program for Braid: Fibonacci numbers, a prime sieve, and SHA-256 (FIPS 180-4) of the input.
 *
 * Exports: fib(n) -> F(n) mod 2^32; primes(n) -> how many primes are below n; sha256() hashes the public
 * input, sha256_private() the private one, into the public output: a proof that somebody knows a preimage.
 */
#include "braid.h"

BRAID_EXPORT(fib) uint32_t fib(uint32_t n) {
  uint32_t current = 0, next = 1;
  while (n-- > 0) {
    uint32_t sum = current + next;
    current = next;
    next = sum;
  }
  return current;
}

enum { SIEVE_LIMIT = 1 << 16 };
static uint8_t composite[SIEVE_LIMIT];

BRAID_EXPORT(primes) uint32_t primes(uint32_t n) {
  if (n > SIEVE_LIMIT) braid_abort(n);
  uint32_t count = 0;
  for (uint32_t i = 2; i < n; i++) {
    if (composite[i]) continue;
    count++;
    for (uint32_t k = i * i; i < 256 && k < n; k += i) composite[k] = 1;
  }
  return count;
}

static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t word, int count) { return word >> count | word << (32 - count); }

static uint32_t load_big_endian(const uint8_t *bytes) {
  uint32_t word;
  __builtin_memcpy(&word, bytes, 4);
  return __builtin_bswap32(word);
}

static void compress(uint32_t state[8], const uint8_t block[64]) {
  uint32_t schedule[64];
  for (int i = 0; i < 16; i++) schedule[i] = load_big_endian(block + 4 * i);
  for (int i = 16; i < 64; i++) {
    uint32_t w15 = schedule[i - 15], w2 = schedule[i - 2];
    uint32_t sigma0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >> 3);
    uint32_t sigma1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >> 10);
    schedule[i] = schedule[i - 16] + sigma0 + schedule[i - 7] + sigma1;
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 64; i++) {
    uint32_t sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    uint32_t first = h + sum1 + ((e & f) ^ (~e & g)) + round_constants[i] + schedule[i];
    uint32_t sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    uint32_t second = sum0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

typedef uint32_t (*Reader)(void *, uint32_t, uint32_t);

static void hash(Reader read, uint32_t length) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint8_t block[64];
  uint32_t offset = 0;
  for (; length - offset >= 64; offset += 64) {
    read(block, offset, 64);
    compress(state, block);
  }
  uint32_t rest = read(block, offset, length - offset);
  block[rest++] = 0x80;
  if (rest > 56) {
    while (rest < 64) block[rest++] = 0;
    compress(state, block);
    rest = 0;
  }
  while (rest < 56) block[rest++] = 0;
  uint64_t bits = __builtin_bswap64((uint64_t)length * 8);
  __builtin_memcpy(block + 56, &bits, 8);
  compress(state, block);
  for (int i = 0; i < 8; i++) state[i] = __builtin_bswap32(state[i]);
  braid_write_output(state, sizeof state);
}

BRAID_EXPORT(sha256) void sha256(void) { hash(braid_read_input, braid_input_size()); }

BRAID_EXPORT(sha256_private) void sha256_private(void) {
  hash(braid_read_private_input, braid_private_input_size());
}
