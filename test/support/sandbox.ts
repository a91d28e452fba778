// The real command line in processes of its own, over a store in a temporary folder: what end-to-end tests stand on.
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildReport } from '../../src/app-port.ts'

export const project = fileURLToPath(new URL('../../', import.meta.url))
export const main = join(project, 'src/cli/main.ts')
export const example = join(project, 'examples/rose-ash')

export interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

export interface Started {
  /** ends with `/` */
  readonly url: string
  readonly pid: number
  /** all that it said so far */
  readonly said: { out: string; err: string }
  stop(): Promise<Ran>
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** a program instead of `sx` itself, with its arguments in front */
  readonly command?: readonly string[]
}

export interface Sandbox {
  readonly folder: string
  readonly store: string
  path(...parts: readonly string[]): string
  /** Writes texts by path; returns the folder that they are in. */
  write(folder: string, files: Readonly<Record<string, string | Uint8Array>>): string
  /** A copy of the example under this name; returns its folder. */
  copyExample(name: string): string
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** Runs until it says a URL. Throws with what it said when it ends instead. */
  start(args: readonly string[], options?: RunOptions): Promise<Started>
  /** Ends what runs and removes the folder. */
  stop(): Promise<void>
}

/** Of the surroundings only what a process can't do without: no setting of the tester's machine decides a test. */
const surroundings = (): Record<string, string | undefined> => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  TMPDIR: process.env.TMPDIR,
  SYSTEMROOT: process.env.SYSTEMROOT,
})

export function createSandbox(): Sandbox {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sx-e2e-')))
  const store = join(folder, 'store.sqlite')
  const running = new Set<ChildProcess>()

  const launch = (args: readonly string[], { cwd, env, command }: RunOptions = {}) => {
    const [program, ...first] = command ?? [process.execPath, main]
    const child = spawn(program!, [...first, ...args], {
      cwd: cwd ?? folder,
      env: { ...surroundings(), SX_STORE: store, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', text => (said.out += text))
    child.stderr.setEncoding('utf8').on('data', text => (said.err += text))
    running.add(child)
    const ended = new Promise<Ran>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', status => {
        running.delete(child)
        resolve({ status, ...said })
      })
    })
    return { child, said, ended }
  }

  const path = (...parts: readonly string[]): string => join(folder, ...parts)
  return {
    folder,
    store,
    path,
    write: (name, files) => {
      for (const [file, content] of Object.entries(files)) {
        mkdirSync(dirname(path(name, file)), { recursive: true })
        writeFileSync(path(name, file), content)
      }
      return path(name)
    },
    copyExample: name => {
      cpSync(example, path(name), { recursive: true })
      return path(name)
    },
    run: (args, options) => launch(args, options).ended,
    start: async (args, options) => {
      const { child, said, ended } = launch(args, options)
      const url = await Promise.race([
        new Promise<string>(resolve =>
          child.stdout.on('data', () => {
            const found = /http:\/\/[\w.:]+\//.exec(said.out)
            if (found) resolve(found[0])
          }),
        ),
        ended.then(({ status }) => {
          throw new Error(`sx ${args.join(' ')} ended with ${status}:\n${said.out}\n${said.err}`)
        }),
      ])
      return {
        url,
        pid: child.pid!,
        said,
        stop: () => {
          child.kill('SIGTERM')
          return ended
        },
      }
    },
    stop: async () => {
      const all = [...running]
      await Promise.all(
        all.map(
          child =>
            new Promise<void>(gone => {
              child.once('close', () => gone())
              child.kill('SIGKILL')
            }),
        ),
      )
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Each line of JSON that a text holds. */
export const jsonLines = (text: string): readonly Record<string, unknown>[] =>
  text
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Record<string, unknown>)

/** What `sx build --json` documents. */
export type Report = BuildReport

/** Builds and gives the report; throws with what was said when it fails. */
export async function build(sandbox: Sandbox, folder: string, options?: RunOptions): Promise<Report> {
  const ran = await sandbox.run(['build', folder, '--json'], options)
  if (ran.status !== 0) throw new Error(`sx build ended with ${ran.status}:\n${ran.err}`)
  return JSON.parse(ran.out) as Report
}
