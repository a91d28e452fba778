// The order of a dict's keys, for the browser: as order.ts has it for all text that UTF-8 can hold, in a third of its bytes.
const utf8 = new TextEncoder()

/** Canonical order of keys (format §1): UTF-8 length, then bytes. */
export const compareKeys = (a: string, b: string): number => {
  const x = utf8.encode(a)
  const y = utf8.encode(b)
  let i = 0
  while (i < x.length && x[i] === y[i]) i++
  return x.length - y.length || x[i]! - y[i]! || 0
}
