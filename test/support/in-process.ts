// The real program over a sandbox's store, in this process: most of a process's time would be its start.
import { Readable } from 'node:stream'
import { openApp } from '../../src/app.ts'
import { run } from '../../src/cli/run.ts'
import type { Ran, Sandbox } from './sandbox.ts'

export type Runner = (
  args: readonly string[],
  cwd?: string,
  passphrase?: string,
  signal?: AbortSignal,
) => Promise<Ran>

/** The passphrase is typed, never from the tester's own environment; an empty one: nobody is there to type it. */
export const runnerIn = (sandbox: Sandbox): Runner => {
  delete process.env.SX_PASSPHRASE
  return async (
    args,
    cwd = sandbox.folder,
    passphrase = 'correct horse',
    signal = new AbortController().signal,
  ) => {
    let out = ''
    let err = ''
    const status = await run(args, {
      stdin: Readable.from([]),
      stdout: { write: text => (out += text) },
      stderr: { write: text => (err += text) },
      cwd,
      color: false,
      version: '1.2.3',
      signal,
      openApp: options => openApp({ ...options, store: options.store ?? sandbox.store }),
      askPassphrase: async () => passphrase || undefined,
    })
    return { status, out, err }
  }
}
