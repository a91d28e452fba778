// What a command may touch of the process: handed in, so that tests run commands without a process of their own.
import type { Readable } from 'node:stream'
import type { AppOptions, OpenApp } from '../app-port.ts'

export interface Output {
  write(text: string | Uint8Array): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined }
  readonly stdout: Output
  readonly stderr: Output
  readonly cwd: string
  /** false where the environment says so (NO_COLOR, a dumb terminal, a pipe) */
  readonly color: boolean
  readonly openApp: OpenApp
  readonly version: string
  /** reads a passphrase from the terminal, unseen; undefined: there is no terminal */
  readonly askPassphrase?: NonNullable<AppOptions['askPassphrase']>
  /** aborted by the first Ctrl-C or a request to end */
  readonly signal: AbortSignal
}
