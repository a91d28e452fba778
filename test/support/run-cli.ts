// The command line without a process: arguments and an App in, status and text out.
import { Readable } from 'node:stream'
import type { App, AppOptions } from '../../src/app-port.ts'
import type { Output } from '../../src/cli/io.ts'
import { run } from '../../src/cli/run.ts'

export interface Ran {
  readonly status: number
  readonly out: string
  readonly err: string
  /** what the App was opened with; undefined: it was not */
  readonly opened: AppOptions | undefined
  readonly closed: boolean
}

export interface RunOptions {
  readonly signal?: AbortSignal
  readonly tty?: boolean
  readonly color?: boolean
  readonly cwd?: string
  /** standard input */
  readonly stdin?: string
}

/** `app`: the calls that the test expects; any other throws. */
export async function runCli(
  argv: readonly string[],
  app: Partial<App> = {},
  { signal, tty, color, cwd, stdin = '' }: RunOptions = {},
): Promise<Ran> {
  let out = ''
  let err = ''
  let opened: AppOptions | undefined
  let closed = false
  const unexpected = (name: string) => async (): Promise<never> => {
    throw new Error(`unexpected call of app.${name}`)
  }
  const stdout: Output = { write: text => (out += text) }
  const stderr: Output = { write: text => (err += text), isTTY: tty, columns: 40 }
  const status = await run(argv, {
    stdin: Readable.from([stdin]),
    stdout,
    stderr,
    cwd: cwd ?? '/home/ada',
    color: color ?? false,
    version: '1.2.3',
    signal: signal ?? new AbortController().signal,
    openApp: async options => {
      opened = options
      return {
        init: unexpected('init'),
        build: unexpected('build'),
        serve: unexpected('serve'),
        dev: unexpected('dev'),
        inspect: unexpected('inspect'),
        check: unexpected('check'),
        session: unexpected('session'),
        test: unexpected('test'),
        publish: unexpected('publish'),
        log: unexpected('log'),
        rollback: unexpected('rollback'),
        tag: unexpected('tag'),
        export: unexpected('export'),
        import: unexpected('import'),
        fetch: unexpected('fetch'),
        pins: {
          list: unexpected('pins.list'),
          add: unexpected('pins.add'),
          remove: unexpected('pins.remove'),
        },
        gc: unexpected('gc'),
        verify: unexpected('verify'),
        fsck: unexpected('fsck'),
        diff: unexpected('diff'),
        names: {
          show: unexpected('names.show'),
          renew: unexpected('names.renew'),
          resolve: unexpected('names.resolve'),
          dnslink: unexpected('names.dnslink'),
        },
        keys: {
          list: unexpected('keys.list'),
          export: unexpected('keys.export'),
          import: unexpected('keys.import'),
          rotate: unexpected('keys.rotate'),
        },
        ...app,
        close: async () => {
          closed = true
          await app.close?.()
        },
      }
    },
  })
  return { status, out, err, opened, closed }
}
