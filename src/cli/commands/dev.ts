// sx dev: one line for each rebuild, errors with their caret, until Ctrl-C.
import { resolve } from 'node:path'
import type { DevEvent } from '../../app-port.ts'
import { count } from '../amounts.ts'
import type { Command } from '../command.ts'
import { wholeNumber } from '../whole-number.ts'
import { ended } from './serve.ts'

export const run: Command = async ({ args, options, io, print, app }) => {
  let printed: Promise<void> = Promise.resolve()
  const onEvent = (event: DevEvent): void => {
    printed = printed.then(async () => {
      if (event.type === 'built') {
        print.object({ event: 'built', root: event.root, changed: event.changed, ms: event.ms })
        const what =
          event.changed.length === 0 ? count(event.report.definitions, 'definition') : changes(event.changed)
        print.note(`${print.style('green', 'built')} ${Math.round(event.ms)} ms  ${what}`)
      } else {
        for (const error of event.errors) await print.error(error)
        print.note(
          print.style(
            'red',
            `failed: ${count(event.errors.length, 'error')}; the last good build is still served`,
          ),
        )
      }
    })
  }
  const serving = await (await app()).dev({
    dir: resolve(io.cwd, args[0] ?? '.'),
    port: wholeNumber('port', options.port, 8080, 65535),
    host: typeof options.host === 'string' ? options.host : '127.0.0.1',
    signal: io.signal,
    onEvent,
  })
  print.object({ url: serving.url, root: serving.root })
  print.text(print.style('bold', serving.url))
  await ended(io.signal)
  await serving.stop()
  await printed
  return 0
}

const changes = (names: readonly string[]): string =>
  names.slice(0, 3).join(' ') + (names.length > 3 ? ` and ${names.length - 3} more` : '')
