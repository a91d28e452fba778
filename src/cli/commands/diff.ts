// sx diff: what lies between two releases, as lines, as JSON or as a page.
import type { Difference } from '../../app-port.ts'
import type { Command } from '../command.ts'
import type { Printer } from '../print.ts'

export const run: Command = async ({ args, options, io, json, print, app }) => {
  const { html, ...diff } = await (await app()).diff(args[0]!, args[1]!)
  if (options.html === true && !json) {
    io.stdout.write(html())
    return 0
  }
  print.object(options.html === true ? { ...diff, html: html() } : diff)
  const { definitions, pages, compatibility } = diff
  const affected = definitions.filter(({ change }) => change === 'affected')
  for (const one of [...definitions.filter(({ change }) => change !== 'affected'), ...pages]) show(one, print)
  if (affected.length > 0) print.text(`affected  ${affected.map(({ name }) => name).join(', ')}`)
  if (definitions.length + pages.length === 0) print.note('the same definitions and pages')
  if (compatibility !== undefined) print.note(`for those who call it: ${compatibility}`)
  return 0
}

const colors = { breaking: 'red', additive: 'green', compatible: 'dim' } as const

function show({ name, kind, change, from, compatibility, notices, text }: Difference, print: Printer): void {
  const worth = compatibility === undefined ? '' : ` · ${print.style(colors[compatibility], compatibility)}`
  print.text(
    `${change.padEnd(9)} ${print.style('bold', name)} ${kind}${from === undefined ? '' : `, was ${from}`}${worth}`,
  )
  for (const notice of notices ?? []) print.text(`          ${notice}`)
  if (change === 'changed')
    for (const line of (text ?? '').split('\n').filter(Boolean))
      print.text(
        `    ${line.startsWith('+') ? print.style('green', line) : line.startsWith('-') ? print.style('red', line) : line}`,
      )
}
