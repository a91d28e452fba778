// The text of `--help`: teaches by examples, from the table of commands.
import type { CommandRow, OptionRow } from './command.ts'
import { commands, globalOptions } from './commands.ts'
import { exitStatuses } from './exit.ts'

const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')
}

const optionRows = (rows: Readonly<Record<string, OptionRow>>): (readonly [string, string])[] =>
  Object.entries(rows).map(([name, row]) => [
    `${row.short === undefined ? '   ' : `-${row.short},`} --${name}${row.value === undefined ? '' : ` ${row.value}`}`,
    row.says,
  ])

export function globalHelp(version: string): string {
  const rows = Object.values<CommandRow>(commands)
  return `sx ${version}: web pages from S-expressions, each definition a content-addressed block

${columns(rows.map(row => [row.usage, row.says]))}
Start here
${columns([
  ['sx init my-site', 'writes a page, a layout, a component and a style sheet'],
  ['cd my-site && sx dev', 'shows it; each change shows as you save it'],
  ['sx build', 'prints the root’s CID: the same sources, the same CID'],
  ["sx inspect '~card'", 'what a definition is made of, and what uses it'],
])}
Options of every command
${columns(optionRows(globalOptions))}
Exit status
${columns(exitStatuses.map(([status, says]) => [String(status).padStart(3), says]))}
sx <command> --help shows a command’s own options.
`
}

export function commandHelp(row: CommandRow): string {
  const own = Object.keys(row.options).length === 0 ? '' : `\nOptions\n${columns(optionRows(row.options))}`
  return `${row.usage}
  ${row.says}

${row.more.map(line => `${line}\n`).join('')}${own}
Options of every command
${columns(optionRows(globalOptions))}
Examples
${columns(row.examples)}`
}
