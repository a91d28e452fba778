// Bytes of packs and patches as they are written (format §6, §8): a cursor's counterpart.
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0
  /** `expected` bytes fit without growing */
  constructor(expected = 1024) {
    this.#bytes = new Uint8Array(expected)
  }

  get length(): number {
    return this.#length
  }
  #need(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more))
    bytes.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = bytes
  }
  number(n: number): void {
    this.#need(4)
    for (; n > 127; n >>>= 7) this.#bytes[this.#length++] = (n & 127) | 128
    this.#bytes[this.#length++] = n
  }
  put(bytes: Uint8Array): void {
    this.#need(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }
  /** a view of what was written so far */
  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }
}
