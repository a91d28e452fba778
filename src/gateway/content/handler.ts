// What a handler of content is: a row of an ordered list, and what each is given.

import type { DagReader, Entry, ReadOptions, Resolved } from '../../dag-port.ts'
import type { Answer } from '../answer.ts'
import type { Shell } from '../html.ts'
import type { Permits } from '../limiter.ts'
import type { Asked } from './asked.ts'

/** A request whose path was followed to its end. */
export interface Found extends Asked {
  readonly resolved: Resolved
  readonly entry: Entry | undefined
  /** below a name: how many seconds the name's answer may be kept */
  readonly seconds: number | undefined
  readonly read: ReadOptions
  /** `X-Ipfs-Path`, `X-Ipfs-Roots` and what all answers have */
  readonly common: Readonly<Record<string, string | undefined>>
  /** it comes from others and would run where the site does: scripts of it get an origin of their own */
  readonly foreign: boolean
}

export interface Tools {
  readonly dag: DagReader
  readonly shell: Shell
  readonly sha256: (bytes: Uint8Array) => Uint8Array
  /** CARs and TARs walk many blocks: so many at once */
  readonly walks: Permits
  /** blocks of one walk */
  readonly walkBlocks: number
}

export interface Handler {
  readonly name: string
  canHandle(found: Found): boolean
  handle(found: Found, tools: Tools): Answer | Promise<Answer>
}
