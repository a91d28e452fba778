// What a command is: its row in the table, and what it is called with.
import type { App } from '../app-port.ts'
import type { Io } from './io.ts'
import type { Printer } from './print.ts'

export interface OptionRow {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** shown in help: `--port <number>` */
  readonly value?: string
  /** closed set of values */
  readonly choices?: readonly string[]
  readonly says: string
}

export interface CommandRow {
  readonly usage: string
  readonly says: string
  /** longer text for `sx <command> --help`, lines */
  readonly more: readonly string[]
  /** at least and at most this many arguments that are no options */
  readonly takes: readonly [least: number, most: number]
  readonly options: Readonly<Record<string, OptionRow>>
  readonly examples: readonly (readonly [line: string, says: string])[]
  readonly load: () => Promise<{ readonly run: Command }>
}

/** What a command is called with: checked arguments and the program. Returns its exit status. */
export interface Call {
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  readonly json: boolean
  readonly io: Io
  readonly print: Printer
  /** opens the program on first use */
  readonly app: () => Promise<App>
}
export type Command = (call: Call) => Promise<number>
