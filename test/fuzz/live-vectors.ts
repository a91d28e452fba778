// Islands that showed something else than a server once, made small: test/vectors/fuzz/live.json.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Program } from './shrink.ts'

export interface LiveVector extends Program {
  readonly name: string
}

const file = new URL('../vectors/fuzz/live.json', import.meta.url)
const contents = (): { note: string; vectors: LiveVector[] } => JSON.parse(readFileSync(file, 'utf8'))

export const readLiveVectors = (): readonly LiveVector[] => contents().vectors

export const addLiveVector = (vector: LiveVector): void => {
  const { note, vectors } = contents()
  writeFileSync(file, `${JSON.stringify({ note, vectors: [...vectors, vector] }, undefined, 2)}\n`)
}
