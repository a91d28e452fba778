// SHA-256 (FIPS 180-4) for the browser: WebCrypto, or plain JavaScript where a page has none (http without localhost).

export type Digest = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>

/** The first 32 bits of the fractional part of `x`. */
const fraction = (x: number): number => ((x % 1) * 2 ** 32) | 0

/** §4.2.2 and §5.3.3: the constants are roots of the first primes, so they need no table. */
const roundKeys: number[] = []
const initial: number[] = []
for (let n = 2; roundKeys.length < 64; n++) {
  let prime = true
  for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false
  if (!prime) continue
  roundKeys.push(fraction(Math.cbrt(n)))
  if (initial.length < 8) initial.push(fraction(Math.sqrt(n)))
}

const rotate = (x: number, n: number): number => (x >>> n) | (x << (32 - n))

export function sha256(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(((bytes.length + 72) >> 6) << 6)
  padded.set(bytes)
  padded[bytes.length] = 128
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, bytes.length / 2 ** 29)
  view.setUint32(padded.length - 4, bytes.length << 3)
  let state = initial
  const w: number[] = []
  for (let at = 0; at < padded.length; at += 64) {
    let round = state
    for (let i = 0; i < 64; i++) {
      const [a, b, c, d, e, f, g, h] = round as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ]
      const x = w[i - 15]!
      const y = w[i - 2]!
      w[i] =
        i < 16
          ? view.getInt32(at + i * 4)
          : (w[i - 16]! +
              (rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)) +
              w[i - 7]! +
              (rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10))) |
            0
      const t =
        h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + roundKeys[i]! + w[i]!
      const u = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
      round = [(t + u) | 0, a, b, c, (d + t) | 0, e, f, g]
    }
    state = state.map((x, i) => (x + round[i]!) | 0)
  }
  state.forEach((x, i) => {
    view.setInt32(i * 4, x)
  })
  return padded.subarray(0, 32)
}

/** `subtle` is undefined on a page that is no secure context. */
export const createDigest = (subtle: SubtleCrypto | undefined): Digest =>
  subtle ? async bytes => new Uint8Array(await subtle.digest('SHA-256', bytes)) : async bytes => sha256(bytes)
