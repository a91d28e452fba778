// The command line in this process over the real App, its store and its site in a temporary folder.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { openApp } from '../../src/app.ts'
import { run } from '../../src/cli/run.ts'

export interface RealRan {
  readonly status: number
  readonly out: string
  readonly err: string
}

export interface RealSite {
  readonly folder: string
  write(files: Readonly<Record<string, string>>): void
  run(argv: readonly string[], stdin?: string): Promise<RealRan>
  remove(): void
}

/** `files`: path → text, in the folder that commands run in. */
export const createRealSite = (files: Readonly<Record<string, string>> = {}): RealSite => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sx-tools-')))
  const write: RealSite['write'] = more => {
    for (const [path, text] of Object.entries(more)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
  }
  write(files)
  return {
    folder,
    write,
    async run(argv, stdin = '') {
      let out = ''
      let err = ''
      const status = await run(argv, {
        stdin: Readable.from([stdin]),
        stdout: { write: text => (out += text) },
        stderr: { write: text => (err += text) },
        cwd: folder,
        color: false,
        version: '1.2.3',
        signal: new AbortController().signal,
        openApp: options => openApp({ ...options, store: join(folder, '.store', 'store.sqlite') }),
      })
      return { status, out, err }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
