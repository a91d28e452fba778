// A strict reader of command lines over node:util: nothing unknown passes, and every refusal says what was near.
import { SxError } from '../errors.ts'
import { nearMisses } from '../lang/near.ts'
import type { CommandRow, OptionRow } from './command.ts'
import { commands, globalOptions } from './commands.ts'

export interface Arguments {
  /** undefined: none was named */
  readonly command: string | undefined
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | undefined>>
}

// an import of node:util loads all that it lends, which is 2 ms of every start
const { parseArgs } = process.getBuiltinModule('node:util')

type Rows = Readonly<Record<string, OptionRow>>

const usage = (message: string, hint: string): SxError => new SxError('usage', message, { hint })

/**
 * Global options may stand before or after the command. Throws 'usage' for an unknown command or option, a value that
 * is missing, not asked for or not among the choices, and too few or too many arguments (unless help was asked for).
 */
export function readArguments(argv: readonly string[]): Arguments {
  const command = firstWord(argv)
  const row: CommandRow | undefined = command === undefined ? undefined : findCommand(command)
  const rows: Rows = { ...globalOptions, ...row?.options }
  const { tokens } = parseArgs({
    args: [...argv],
    options: forParseArgs(rows),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })

  const options: Record<string, string | boolean | undefined> = {}
  const args: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') args.push(token.value)
    if (token.kind === 'option') options[token.name] = readValue(token, rows, command)
  }
  if (command !== undefined) args.shift()
  if (row !== undefined && options.help !== true) checkCount(args, row, command!)
  return { command, args, options }
}

/** The first word that is neither an option nor a global option's value. */
function firstWord(argv: readonly string[]): string | undefined {
  const { tokens } = parseArgs({
    args: [...argv],
    options: forParseArgs(globalOptions),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const before = tokens.find(
    token =>
      token.kind === 'positional' || (token.kind === 'option' && !Object.hasOwn(globalOptions, token.name)),
  )
  if (before?.kind === 'option') {
    const known = Object.values<CommandRow>(commands).some(row => Object.hasOwn(row.options, before.name))
    throw known
      ? usage(`${before.rawName} belongs to a command`, 'write the command first: sx serve --port 0')
      : unknownOption(before.rawName, globalOptions, undefined)
  }
  return before?.kind === 'positional' ? before.value : undefined
}

function findCommand(name: string): CommandRow {
  if (Object.hasOwn(commands, name)) return (commands as Readonly<Record<string, CommandRow>>)[name]!
  const near = nearest(name, Object.keys(commands))
  throw usage(
    `there is no command ${quote(name)}`,
    near === undefined ? 'sx --help lists the commands' : `did you mean sx ${near}?`,
  )
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
}

function readValue(token: OptionToken, rows: Rows, command: string | undefined): string | boolean {
  const row = Object.hasOwn(rows, token.name) ? rows[token.name] : undefined
  if (row === undefined) throw unknownOption(token.rawName, rows, command)
  if (row.type === 'boolean') {
    if (token.value !== undefined)
      throw usage(`${token.rawName} takes no value`, `write ${token.rawName} alone`)
    return true
  }
  if (token.value === undefined || token.value === '')
    throw usage(`${token.rawName} needs a value`, `${token.rawName} ${row.value ?? '<value>'}`)
  if (row.choices !== undefined && !row.choices.includes(token.value)) {
    const near = nearest(token.value, row.choices)
    throw usage(
      `${token.rawName} can't be ${quote(token.value)}`,
      (near === undefined ? '' : `did you mean ${near}? `) + `it is one of ${row.choices.join(', ')}`,
    )
  }
  return token.value
}

function unknownOption(rawName: string, rows: Rows, command: string | undefined): SxError {
  const near = nearest(rawName.replace(/^-+/, ''), Object.keys(rows))
  const where = command === undefined ? 'sx' : `sx ${command}`
  return usage(
    `${where} has no option ${quote(rawName)}`,
    near === undefined ? `${where} --help lists them` : `did you mean --${near}?`,
  )
}

function checkCount(args: readonly string[], row: CommandRow, command: string): void {
  const [least, most] = row.takes
  if (args.length < least) throw usage(`sx ${command} needs an argument`, row.usage)
  if (args.length > most) throw usage(`sx ${command} takes no ${quote(args[most]!)}`, row.usage)
}

const forParseArgs = (rows: Rows): Record<string, { type: 'string' | 'boolean'; short?: string }> =>
  Object.fromEntries(
    Object.entries(rows).map(([name, row]) => [
      name,
      row.short === undefined ? { type: row.type } : { type: row.type, short: row.short },
    ]),
  )

const quote = (text: string): string => JSON.stringify(text.length > 60 ? text.slice(0, 60) + '…' : text)

/** The one that was probably meant. */
const nearest = (word: string, candidates: readonly string[]): string | undefined =>
  nearMisses(word.slice(0, 40), candidates, 1)[0]
