// The command line in a real process: streams, signals, the package's version, and the exit status.
import { INTERRUPTED } from './exit.ts'
import type { Io } from './io.ts'
import { run } from './run.ts'

export async function start(): Promise<void> {
  const ending = new AbortController()
  const end = (): void => {
    // a second Ctrl-C doesn't wait for requests under way
    if (ending.signal.aborted) process.exit(INTERRUPTED)
    ending.abort()
  }
  process.on('SIGINT', end).on('SIGTERM', end)
  // a reader that closed early (`sx build | head -1`) is no defect
  process.stdout.on('error', error => {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  })

  const io: Io = {
    // opened by those who read it
    get stdin() {
      return process.stdin
    },
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    color: process.stderr.isTTY === true && process.stderr.hasColors(),
    get version() {
      return packageVersion()
    },
    signal: ending.signal,
    askPassphrase: async question =>
      (await import('./passphrase.ts')).askPassphrase(process.stdin, process.stderr, question),
    openApp: async options => (await import('../app.ts')).openApp(options),
  }
  process.exitCode = await run(process.argv.slice(2), io)
  process.off('SIGINT', end).off('SIGTERM', end)
}

/** src/cli and dist/cli are equally deep below package.json. */
function packageVersion(): string {
  const { readFileSync } = process.getBuiltinModule('node:fs')
  const found: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return String((found as { version?: unknown }).version)
}
