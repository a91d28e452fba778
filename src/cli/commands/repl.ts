// sx repl: a line editor on a terminal, plain lines in a pipe.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import type { Command } from '../command.ts'
import { INTERRUPTED } from '../exit.ts'
import { createRepl } from '../repl.ts'

const most = 1000

export const run: Command = async ({ args, options, io, print, app }) => {
  const isTerminal = io.stdin.isTTY === true && io.stdout.isTTY === true && !print.json
  const broken: Promise<void>[] = []
  const session = await (await app()).session(args[0], {
    strict: options.strict === true,
    onErrors: error => {
      broken.push(print.error(error))
    },
  })
  await Promise.all(broken)
  const repl = createRepl(session, print, !isTerminal)
  if (isTerminal) {
    if (broken.length > 0) print.note('the site is left out until that is mended')
    print.note(`sx ${io.version}${session.site === undefined ? '' : `, ${session.site}`}  :help`)
  }
  const lines = createInterface({
    input: io.stdin,
    ...(isTerminal && {
      output: io.stdout as NodeJS.WriteStream,
      terminal: true,
      history: readHistory(session.historyFile),
      historySize: most,
      removeHistoryDuplicates: true,
      completer: (line: string) => repl.complete(line),
    }),
  })
  const prompt = (more: boolean): void => {
    if (!isTerminal) return
    lines.setPrompt(more ? '… ' : 'sx> ')
    lines.prompt()
  }
  lines.on('history', history => writeHistory(session.historyFile, history))
  lines.on('SIGINT', () => {
    repl.clear()
    print.note('')
    prompt(false)
  })
  const stop = (): void => lines.close()
  io.signal.addEventListener('abort', stop)
  try {
    prompt(false)
    for await (const line of lines) {
      const state = await repl.take(line)
      if (state === 'end') break
      prompt(state === 'more')
    }
    await repl.finish()
  } finally {
    io.signal.removeEventListener('abort', stop)
    lines.close()
  }
  if (io.signal.aborted) return INTERRUPTED
  return !isTerminal && (repl.failed || broken.length > 0) ? 1 : 0
}

/** Newest first, as readline has it. */
const readHistory = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .slice(0, most)
  } catch {
    return []
  }
}

/** What was typed may be private: nobody else reads it. A history that can't be kept stops nobody. */
const writeHistory = (file: string, lines: readonly string[]): void => {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  } catch {}
}
