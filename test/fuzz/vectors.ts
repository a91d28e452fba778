// Programs on which two ways of running disagreed once, made small: test/vectors/fuzz/disagreements.json.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Site } from './site.ts'

export interface Vector {
  /** what is so now */
  readonly name: string
  /** which two differed, and the program's number where it came from one */
  readonly found: string
  /** file → definitions */
  readonly definitions: Readonly<Record<string, string>>
  readonly source: string
  /** what all give: see observe.ts */
  readonly value: string
  readonly html: string
}

const file = new URL('../vectors/fuzz/disagreements.json', import.meta.url)

export const readVectors = (): readonly Vector[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }).vectors

export const addVector = (vector: Vector): void => {
  const { note } = JSON.parse(readFileSync(file, 'utf8')) as { note: string }
  const vectors = [...readVectors(), vector]
  writeFileSync(file, `${JSON.stringify({ note, vectors }, undefined, 2)}\n`)
}

/** Rendered first by the one page, evaluated first by the other. */
export const siteOfVector = ({ definitions, source }: Pick<Vector, 'definitions' | 'source'>): Site => ({
  seed: -1,
  definitions,
  pages: [source, source],
})
