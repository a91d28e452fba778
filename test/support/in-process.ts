// The real program over a sandbox's store, in this process: most of a process's time would be its start.
import { Readable } from 'node:stream'
import { expect } from 'vitest'
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

/** What a command says with --json, in `folder`; it has to end with `status` (0) and to say nothing else. */
export const jsonIn =
  (sx: Runner, folder: string) =>
  async (args: readonly string[], status = 0) => {
    const ran = await sx([...args, '--json'], folder)
    expect([ran.status, ran.err]).toEqual([status, ''])
    return JSON.parse(ran.out)
  }
