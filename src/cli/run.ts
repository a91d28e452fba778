// One run of the command line: arguments in, exit status out. Knows nothing of a process.

import type { App } from '../app-port.ts'
import { readArguments } from './arguments.ts'
import type { CommandRow } from './command.ts'
import { commands } from './commands.ts'
import { exitStatusOf } from './exit.ts'
import type { Io } from './io.ts'
import { createPrinter } from './print.ts'

/** Never throws: whatever goes wrong is printed and becomes a status. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const print = createPrinter(io.stdout, io.stderr, { json: argv.includes('--json'), color: io.color })
  let opened: Promise<App> | undefined
  try {
    const { command, args, options } = readArguments(argv)
    if (options.version === true) {
      io.stdout.write(`${io.version}\n`)
      return 0
    }
    const row: CommandRow | undefined =
      command === undefined ? undefined : (commands as Readonly<Record<string, CommandRow>>)[command]
    if (row === undefined || options.help === true) {
      const { commandHelp, globalHelp } = await import('./help.ts')
      const text = row === undefined ? globalHelp(io.version) : commandHelp(row)
      // no command and no --help: a mistake, told on standard error
      if (row === undefined && options.help !== true) io.stderr.write(text)
      else io.stdout.write(text)
      return row === undefined && options.help !== true ? 2 : 0
    }
    const store = options.store
    const app = (): Promise<App> =>
      (opened ??= io.openApp({
        store: typeof store === 'string' ? store : undefined,
        cwd: io.cwd,
        report: print.warning,
        ...(io.askPassphrase && { askPassphrase: io.askPassphrase }),
      }))
    const { run: command_ } = await row.load()
    return await command_({ args, options, json: options.json === true, io, print, app })
  } catch (error) {
    await print.error(error)
    return exitStatusOf(error)
  } finally {
    const app = await opened?.catch(() => undefined)
    await app?.close()
  }
}
