// The program itself, as a process: its version, exit statuses, an old Node, and what it must not load.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const main = new URL('../../src/cli/main.ts', import.meta.url).pathname
const sx = (args: readonly string[], node: readonly string[] = []) =>
  spawnSync(process.execPath, [...node, main, ...args], { encoding: 'utf8', timeout: 20_000 })

describe('sx', () => {
  it('knows its version', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(sx(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('exits 2 for a command line that is wrong', () => {
    const { status, stdout, stderr } = sx(['serv'])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toBe('error there is no command "serv"\n  hint: did you mean sx serve?\n')
    expect(JSON.parse(sx(['serv', '--json']).stderr)).toEqual({
      error: 'usage',
      message: 'there is no command "serv"',
      hint: 'did you mean sx serve?',
    })
  })

  it('on an old Node says one clear line and goes on under the Node that npm lends', {
    timeout: 120_000,
  }, () => {
    const old =
      'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.11.0"}})'
    const { status, stdout, stderr } = sx(['--help'], ['--import', old])
    expect(stderr).toBe(
      'sx needs Node 24 and this is 20.11.0: npm lends one (install Node 24 to start faster)\n',
    )
    expect({ status, stdout }).toEqual({ status: 0, stdout: sx(['--help']).stdout })
  })

  it.each([['--help'], ['--version'], ['build --help']])('%s loads nothing but its own few files', line => {
    const hook = `data:text/javascript,import{registerHooks}from"node:module";registerHooks({resolve(s,c,n){const r=n(s,c);if(!r.url.startsWith("node:"))process.stderr.write("LOAD "+r.url+"\\n");return r}})`
    const loaded = sx(line.split(' '), ['--import', hook])
      .stderr.split('\n')
      .filter(text => text.startsWith('LOAD '))
    expect(loaded.length).toBeGreaterThan(3)
    expect(loaded.length).toBeLessThan(20)
    expect(loaded.filter(text => /node_modules|src\/(?:store|gateway)\/|app\.ts/.test(text))).toEqual([])
  })
})
