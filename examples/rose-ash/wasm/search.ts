// Search that forgives: how well each line of a text fits a query, by three-letter pieces that they share, so that "sowrdough"
// still finds sourdough. AssemblyScript; built to src/lib/search.wasm by build.ts beside this file.
//
// The convention of docs/language.md (WebAssembly): texts come as (pointer, length) in memory that `alloc` gave, and go as
// one i64, pointer in the upper half. Each call has an instance of its own, so that nothing is ever freed.

let top: usize = __heap_base

export function alloc(size: i32): usize {
  const at = top
  top += usize((size + 7) & ~7)
  const missing = i32((top + 0xffff) >>> 16) - memory.size()
  if (missing > 0) memory.grow(missing)
  return at
}

// Latin letters of two bytes, U+00C0 to U+017F, without their marks; '?' where there is no plain letter.
// prettier-ignore
const plain = memory.data<u8>([
  /* C0 */ 97, 97, 97, 97, 97, 97, 97, 99, 101, 101, 101, 101, 105, 105, 105, 105,
  /* D0 */ 100, 110, 111, 111, 111, 111, 111, 63, 111, 117, 117, 117, 117, 121, 116, 115,
  /* E0 */ 97, 97, 97, 97, 97, 97, 97, 99, 101, 101, 101, 101, 105, 105, 105, 105,
  /* F0 */ 100, 110, 111, 111, 111, 111, 111, 63, 111, 117, 117, 117, 117, 121, 116, 121,
])

/** The next letter or digit from `at` before `end`, in lower case without marks; 0 for anything else. Sets `after`. */
let after: usize = 0
function letter(at: usize, end: usize): i32 {
  const byte = i32(load<u8>(at))
  after = at + 1
  if (byte < 128) {
    if (byte >= 65 && byte <= 90) return byte + 32
    if ((byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57)) return byte
    return 0
  }
  let size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
  if (at + size > end) size = i32(end - at)
  after = at + size
  if (size != 2) return size == 1 ? 0 : 1
  const code = ((byte & 31) << 6) | (i32(load<u8>(at + 1)) & 63)
  if (code >= 0xc0 && code < 0x100) {
    const letter = i32(load<u8>(plain + (code - 0xc0)))
    return letter == 63 ? 0 : letter
  }
  // Of other scripts letters are told apart by their code only.
  return code
}

/** Three letters in a row as a number of 12 bits: some share one, which costs a little sharpness. */
function piece(a: i32, b: i32, c: i32): i32 {
  return (((a * 31 + b) * 31 + c) * 0x9e3b) >>> 8 & 4095
}

/** Marks the pieces of a text in `bits` (512 bytes), with a space before each word and after it; how many are new. */
function mark(from: usize, end: usize, bits: usize): i32 {
  let count = 0
  let a = 0
  let b = 32
  let at = from
  while (at <= end) {
    let c = 32
    if (at < end) {
      c = letter(at, end)
      if (c == 0) c = 32
      at = after
    } else at++
    // No piece begins between words.
    if (a != 0 && b != 32) {
      const n = piece(a, b, c)
      const place = bits + usize(n >> 3)
      const bit = 1 << (n & 7)
      const held = i32(load<u8>(place))
      if ((held & bit) == 0) {
        store<u8>(place, held | bit)
        count++
      }
    }
    if (c == 32 && b == 32) continue
    a = b
    b = c
  }
  return count
}

/** How many pieces two texts share. */
function shared(a: usize, b: usize): i32 {
  let count = 0
  for (let i: usize = 0; i < 512; i += 8) count += i32(popcnt<i64>(load<i64>(a + i) & load<i64>(b + i)))
  return count
}

function digits(out: usize, n: i32): usize {
  let size = 1
  for (let rest = n; rest > 9; rest /= 10) size++
  for (let i = size - 1, rest = n; i >= 0; i--, rest /= 10) store<u8>(out + usize(i), 48 + (rest % 10))
  return out + usize(size)
}

/**
 * `query` against each line of `text`: a text with, for each line, how much of the query's pieces it has, 0 to 100, one a line.
 * A query of no letters fits everything.
 */
export function rank(query: usize, querySize: i32, text: usize, textSize: i32): i64 {
  const wanted = alloc(512)
  const total = mark(query, query + usize(querySize), wanted)
  const line = alloc(512)
  const end = text + usize(textSize)
  let lines = 1
  for (let at = text; at < end; at++) if (load<u8>(at) == 10) lines++
  const result = alloc(lines * 4)
  let out = result
  let from = text
  for (let at = text; at <= end; at++) {
    if (at < end && load<u8>(at) != 10) continue
    memory.fill(line, 0, 512)
    mark(from, at, line)
    if (from != text) store<u8>(out++, 10)
    out = digits(out, total == 0 ? 100 : (shared(wanted, line) * 100) / total)
    from = at + 1
  }
  return (i64(result) << 32) | i64(out - result)
}
