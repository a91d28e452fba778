// Dicts that few pages need: making new ones of old ones, dict-set!.

import { calling } from '../calling.ts'
import type { Machine } from '../machine.ts'
import { fail, keysOf, made, nameOf, spend } from '../values.ts'
import { get, part, wrong } from './lists.ts'
import { changing } from './rare-lists.ts'
import type { Row } from './table.ts'

type List = unknown[]
type Dict = Map<string, unknown>

const newKey = (v: unknown): string =>
  typeof v === 'string' ? v : typeof v === 'number' ? String(v) : (nameOf(v) ?? wrong(v, 'key of a dict'))

const entries = (vs: readonly unknown[], start: Iterable<[string, unknown]> = []): Dict => {
  const dict = new Map(start)
  if (vs.length % 2 === 1) fail('a key without a value')
  for (let i = 0; i < vs.length; i += 2) dict.set(newKey(vs[i]), vs[i + 1])
  return dict
}

const pair = (v: unknown): List =>
  Array.isArray(v) && v.length === 2 ? v : wrong(v, 'pair of key and value')

export const rareDictRows: readonly Row[] = [
  ['dict', '!a*', (...vs: List) => entries(vs)],
  ['keys', '!d', (dict: Dict) => keysOf(dict)],
  ['merge', '!d*', (...dicts: Dict[]) => new Map(dicts.map(made).flatMap(dict => [...dict]))],
  ['assoc', '!da*', (dict: Dict, ...vs: List) => entries(vs, dict)],
  ['dict-get', 'dka?', get],
  ['vals', '!d', (dict: Dict) => keysOf(dict).map(key => dict.get(key))],
  ['has-key?', 'dk', (dict: Dict, key: string) => dict.has(key)],
  [
    'dissoc',
    '!dk*',
    (dict: Dict, ...keys: string[]) => new Map([...dict].filter(([key]) => !keys.includes(key))),
  ],
  [
    'into',
    '!aa',
    (to: unknown, from: unknown) => {
      const items: List =
        from instanceof Map ? keysOf(from).map(key => [key, from.get(key)]) : (part(from) as List)
      return to instanceof Map ? entries(items.flatMap(pair), to) : [...(part(to) as List), ...items]
    },
  ],
]

export const rareDictRawRows: readonly Row[] = [
  [
    'dict-set!',
    'dka',
    (_m: Machine, [dict, key, v]: [Dict, string, unknown]) => {
      changing(dict, 'dict-set!')
      spend(6)
      dict.set(key, v)
      return dict
    },
  ],
  [
    'map-dict',
    'ad',
    (m: Machine, [f, dict]: [unknown, Dict]) =>
      calling(m, function* () {
        const found = made(new Map<string, unknown>())
        for (const [key, v] of keysOf(dict).map(key => [key, dict.get(key)] as const)) {
          spend(6)
          found.set(key, yield [f, [key, v]])
        }
        return found
      }),
  ],
]
