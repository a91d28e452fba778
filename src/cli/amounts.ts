// Numbers of things and bytes as people read them.
export const count = (n: number, what: string, many = `${what}s`): string => `${n} ${n === 1 ? what : many}`
export const bytes = (n: number): string =>
  n < 1000 ? `${n} B` : n < 1e6 ? `${(n / 1000).toFixed(n < 1e4 ? 1 : 0)} KB` : `${(n / 1e6).toFixed(1)} MB`
