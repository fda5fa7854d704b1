/** Bytes of WebAssembly in the making: grows, and writes LEB128 in place. */
export class CodeBytes {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(2048);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  bytes(values: ArrayLike<number>): void {
    if (this.#length + values.length > this.#bytes.length) this.#grow(values.length);
    for (let i = 0; i < values.length; i++) this.#bytes[this.#length + i] = values[i]!;
    this.#length += values.length;
  }

  /** Another's bytes behind their number: a vector of bytes. */
  block(other: CodeBytes): void {
    this.unsigned(other.length);
    this.append(other);
  }

  append(other: CodeBytes): void {
    if (this.#length + other.length > this.#bytes.length) this.#grow(other.length);
    this.#bytes.set(other.#bytes.subarray(0, other.#length), this.#length);
    this.#length += other.length;
  }

  /** LEB128 of a whole number in [0, 2^32). */
  unsigned(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
      throw new RangeError(`value: expected 0 to 2^32 - 1, got ${value}`);
    }
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 128);
    this.byte(rest);
  }

  /** Signed LEB128 of 32 bits. */
  signed(value: number): void {
    for (let rest = value | 0; ; ) {
      const low = rest & 127;
      rest >>= 7;
      // Bit 6 of the last byte is the sign.
      if (rest === (low & 64 ? -1 : 0)) {
        this.byte(low);
        return;
      }
      this.byte(low | 128);
    }
  }

  text(value: string): void {
    const encoded = new TextEncoder().encode(value);
    this.unsigned(encoded.length);
    this.bytes(encoded);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #grow(more: number): void {
    const bytes = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}
