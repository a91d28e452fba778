// Command lines: what is taken, and what each refusal says.
import { describe, expect, it } from 'vitest'
import { readArguments } from '../../src/cli/arguments.ts'
import { wholeNumber } from '../../src/cli/whole-number.ts'
import { SxError } from '../../src/errors.ts'

const refusal = (line: string): SxError => {
  try {
    readArguments(line.split(' ').filter(word => word !== ''))
  } catch (error) {
    if (error instanceof SxError) return error
    throw error
  }
  throw new Error(`taken: sx ${line}`)
}

describe('a command line', () => {
  it.each([
    ['', undefined, [], {}],
    ['--help', undefined, [], { help: true }],
    ['-V', undefined, [], { version: true }],
    ['build', 'build', [], {}],
    ['build site --json', 'build', ['site'], { json: true }],
    ['--store x build site', 'build', ['site'], { store: 'x' }],
    ['build site --store=x', 'build', ['site'], { store: 'x' }],
    ['serve -p 0 --host ::1', 'serve', [], { port: '0', host: '::1' }],
    ['inspect ~card --as tree', 'inspect', ['~card'], { as: 'tree' }],
    ['inspect -- --as', 'inspect', ['--as'], {}],
    ['inspect --help', 'inspect', [], { help: true }],
    ['build -', 'build', ['-'], {}],
  ])('sx %s', (line, command, args, options) => {
    expect(readArguments(line.split(' ').filter(word => word !== ''))).toEqual({ command, args, options })
  })

  it.each([
    ['biuld', 'there is no command "biuld"', 'did you mean sx build?'],
    ['frobnicate', 'there is no command "frobnicate"', 'sx --help lists the commands'],
    ['constructor', 'there is no command "constructor"', 'sx --help lists the commands'],
    ['serve --prot 3', 'sx serve has no option "--prot"', 'did you mean --port?'],
    ['serve --constructor', 'sx serve has no option "--constructor"', 'sx serve --help lists them'],
    ['build -x', 'sx build has no option "-x"', 'sx build --help lists them'],
    ['--jason build', 'sx has no option "--jason"', 'did you mean --json?'],
    ['--port 1 serve', '--port belongs to a command', 'write the command first: sx serve --port 0'],
    ['build --store', '--store needs a value', '--store <file>'],
    ['build --store=', '--store needs a value', '--store <file>'],
    ['build --json=yes', '--json takes no value', 'write --json alone'],
    ['inspect', 'sx inspect needs an argument', 'sx inspect <cid|name|file>'],
    ['build a b', 'sx build takes no "b"', 'sx build [dir]'],
    [
      'inspect x --as tre',
      '--as can\'t be "tre"',
      'did you mean tree? it is one of sx, expanded, dag-json, deps, dependents, tree',
    ],
  ])('sx %s is refused, exit status 2', (line, message, hint) => {
    const error = refusal(line)
    expect(error.code).toBe('usage')
    expect(error.message).toBe(message)
    expect(error.detail.hint).toBe(hint)
  })

  it('takes whole numbers within bounds only', () => {
    expect(wholeNumber('port', undefined, 8080, 65535)).toBe(8080)
    expect(wholeNumber('port', '0', 8080, 65535)).toBe(0)
    for (const bad of ['-1', '1.5', '65536', 'x', '1e3', '', '99999999999'])
      expect(() => wholeNumber('port', bad, 8080, 65535)).toThrow(SxError)
  })
})
