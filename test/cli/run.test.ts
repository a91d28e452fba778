// Commands from arguments to exit status: what goes to standard output, what to standard error, and as JSON.
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { BuildReport, DevEvent, Serving } from '../../src/app-port.ts'
import { commands } from '../../src/cli/commands.ts'
import { SxError } from '../../src/errors.ts'
import { runCli } from '../support/run-cli.ts'

const report: BuildReport = {
  root: 'bafyroot',
  files: 3,
  definitions: 1,
  blocks: 20,
  bytes: 12345,
  reused: 18,
  ms: 8.4,
  pages: [{ path: '/', cid: 'bafypage' }],
  names: { '~card': 'bafycard' },
}
const place = { file: 'src/a.sx', line: 2, column: 4, excerpt: '  (frob x)' }
const broken = new SxError('build-failed', '2 errors', {
  errors: [
    new SxError('unknown-name', 'nothing is called frob', { place, hint: 'did you mean grob?' }),
    new SxError('duplicate-name', '~card is defined twice', {
      place,
      related: [{ note: 'the first', place: { ...place, line: 1 } }],
    }),
  ],
})
const json = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

describe('help', () => {
  it('names every command, teaches by example, and opens nothing', async () => {
    const { status, out, err, opened } = await runCli(['--help'])
    expect(status).toBe(0)
    expect(err).toBe('')
    expect(opened).toBeUndefined()
    for (const row of Object.values(commands)) expect(out).toContain(row.usage)
    expect(out).toContain('sx init my-site')
    expect(out).toContain('Exit status')
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(110)
  })

  it('of each command has its options and examples', async () => {
    for (const [name, row] of Object.entries(commands)) {
      const { status, out } = await runCli([name, '--help'])
      expect(status).toBe(0)
      expect(out).toContain(row.usage)
      for (const option of Object.keys(row.options)) expect(out).toContain(`--${option}`)
      expect(out).toContain('Examples')
    }
  })

  it('without a command goes to standard error, since it was a mistake', async () => {
    const { status, out, err } = await runCli([])
    expect(status).toBe(2)
    expect(out).toBe('')
    expect(err).toContain('sx init [dir]')
  })

  it('--version is the version and nothing else', async () => {
    expect(await runCli(['--version'])).toMatchObject({ status: 0, out: '1.2.3\n', err: '' })
  })
})

describe('sx build', () => {
  it('prints the root on standard output, the summary on standard error', async () => {
    const { status, out, err, closed } = await runCli(['build', 'site'], {
      build: async dir => {
        expect(dir).toBe('/home/ada/site')
        return report
      },
    })
    expect(status).toBe(0)
    expect(out).toBe('bafyroot\n')
    expect(err).toBe('1 definition of 3 files, 1 page · 20 blocks, 12 KB (2 new) · 8 ms\n')
    expect(closed).toBe(true)
  })

  it('--json prints exactly one object', async () => {
    const { out, err } = await runCli(['build', '--json', '--store', 'x.db'], { build: async () => report })
    expect(json(out)).toEqual([report])
    expect(err).toBe('')
  })

  it('hands on the store that was named', async () => {
    expect((await runCli(['--store', 'x.db', 'build'], { build: async () => report })).opened).toMatchObject({
      store: 'x.db',
      cwd: '/home/ada',
    })
  })

  it('that fails exits 1 and shows every error with its line and a caret', async () => {
    const { status, out, err, closed } = await runCli(['build'], { build: () => Promise.reject(broken) })
    expect(status).toBe(1)
    expect(out).toBe('')
    expect(err).toContain(
      'error src/a.sx:2:4: nothing is called frob\n    (frob x)\n     ^\n  hint: did you mean grob?\n',
    )
    expect(err).toContain('src/a.sx:1:4: the first')
    expect(closed).toBe(true)
  })

  it('that fails with --json writes one line an error, and nothing on standard output', async () => {
    const { status, out, err } = await runCli(['build', '--json'], { build: () => Promise.reject(broken) })
    expect(status).toBe(1)
    expect(out).toBe('')
    expect(json(err)).toEqual([
      { error: 'unknown-name', message: 'nothing is called frob', ...place, hint: 'did you mean grob?' },
      {
        error: 'duplicate-name',
        message: '~card is defined twice',
        ...place,
        related: [{ note: 'the first', ...place, line: 1 }],
      },
    ])
  })

  it('tells of a defect with its stack, status 70', async () => {
    const { status, err } = await runCli(['build'], {
      build: () => Promise.reject(new TypeError('x is not a function')),
    })
    expect(status).toBe(70)
    expect(err).toContain('x is not a function')
    expect(err).toContain('run.test.ts')
  })

  it('shows warnings on standard error, as JSON lines with --json', async () => {
    const warn = async (argv: string[]) => {
      let report_: ((notice: { message: string; place: typeof place }) => void) | undefined
      const { run } = await import('../../src/cli/run.ts')
      let err = ''
      await run(argv, {
        stdin: Readable.from([]),
        stdout: { write: () => {} },
        stderr: { write: text => (err += text) },
        cwd: '/',
        color: false,
        version: '0',
        signal: new AbortController().signal,
        openApp: async options => {
          report_ = options.report
          return {
            build: async () => {
              report_!({ message: 'a parameter is named like a tag', place })
              return report
            },
            close: async () => {},
          } as never
        },
      })
      return err
    }
    expect(await warn(['build'])).toContain('warning a parameter is named like a tag\n  src/a.sx:2:4')
    expect(json(await warn(['build', '--json']))).toEqual([
      { warning: 'a parameter is named like a tag', ...place },
    ])
  })

  it('shows progress on a terminal only, wipes it, and never with --json', async () => {
    const build = async (
      _: string,
      options?: { onProgress?: (progress: { phase: 'read'; done: number; total: number }) => void },
    ) => {
      options?.onProgress?.({ phase: 'read', done: 1, total: 9 })
      return report
    }
    const shown = (await runCli(['build'], { build }, { tty: true })).err
    expect(shown.startsWith('\r\x1b[2Kreading 1 of 9\r\x1b[2K1 definition')).toBe(true)
    expect((await runCli(['build'], { build })).err).not.toContain('reading')
    expect((await runCli(['build', '--json'], { build }, { tty: true })).err).toBe('')
  })
})

describe('sx serve', () => {
  const serving = (onStop: () => void): Serving => ({
    url: 'http://127.0.0.1:1234/',
    root: 'bafyroot',
    built: report,
    stop: async () => onStop(),
  })

  it('says where, waits for Ctrl-C, then stops', async () => {
    const ending = new AbortController()
    let stopped = false
    const ran = runCli(
      ['serve', '--port', '0'],
      {
        serve: async options => {
          expect(options).toMatchObject({ dir: '/home/ada', port: 0, host: '127.0.0.1' })
          expect(options.log).toBeUndefined()
          setTimeout(() => ending.abort(), 10)
          return serving(() => {
            stopped = true
          })
        },
      },
      { signal: ending.signal },
    )
    const { status, out } = await ran
    expect(status).toBe(0)
    expect(out).toBe('http://127.0.0.1:1234/\n')
    expect(stopped).toBe(true)
  })

  it('takes a root by its CID, logs when asked, and answers in JSON', async () => {
    const root = `bafyrei${'a'.repeat(52)}`
    const { out, err } = await runCli(
      ['serve', root, '--json', '--log'],
      {
        serve: async options => {
          expect(options).toMatchObject({ root, port: 8080 })
          options.log?.('{"event":"request"}')
          return serving(() => {})
        },
      },
      { signal: AbortSignal.abort() },
    )
    expect(json(out)).toEqual([{ url: 'http://127.0.0.1:1234/', root: 'bafyroot' }])
    expect(err).toBe('{"event":"request"}\n')
  })

  it('says what hosts mean, what is denied and fetched, and how often one may ask', async () => {
    await runCli(
      [
        'serve',
        '--content-only',
        '--hosts',
        'ipfs.example=subdomain,a.example:81=trustless',
        '--fetch',
        'https://a.example/,http://b.example',
        '--deny',
        'x.deny, y.deny',
        '--dnslink',
        '--forwarded',
        '--per-minute',
        '60',
      ],
      {
        serve: async options => {
          expect(options.site).toBe(false)
          expect(options.settings).toEqual({
            hosts: { 'ipfs.example': 'subdomain', 'a.example:81': 'trustless' },
            fetch: ['https://a.example', 'http://b.example'],
            deny: ['x.deny', 'y.deny'],
            dnslink: true,
            forwarded: true,
            perMinute: 60,
          })
          return serving(() => {})
        },
      },
      { signal: AbortSignal.abort() },
    )
  })

  it.each([
    ['--hosts', 'ipfs.example=open'],
    ['--hosts', 'Upper.example=path'],
    ['--hosts', 'ipfs.example'],
    ['--fetch', 'https://a.example/path'],
    ['--fetch', 'a.example'],
    ['--per-minute', 'many'],
  ])('refuses %s %s', async (flag, value) => {
    const { status, err } = await runCli(['serve', flag, value])
    expect(status).toBe(2)
    expect(err).toContain(flag)
  })

  it('says so when the port is taken', async () => {
    const taken = Object.assign(new Error('listen EADDRINUSE: address already in use 127.0.0.1:8080'), {
      code: 'EADDRINUSE',
    })
    const { status, err } = await runCli(['serve'], { serve: () => Promise.reject(taken) })
    expect(status).toBe(2)
    expect(err).toContain('already in use')
    expect(err).not.toContain('    at ')
  })
})

describe('sx dev', () => {
  it('tells of each build and each failure in order', async () => {
    const ending = new AbortController()
    const { status, out, err } = await runCli(
      ['dev', 'site'],
      {
        dev: async options => {
          const tell = (event: DevEvent): void => options.onEvent(event)
          setTimeout(() => {
            tell({ type: 'built', root: 'a', changed: [], ms: 30, report })
            tell({ type: 'failed', errors: [broken.detail.errors as never].flat() as never, ms: 4 })
            tell({ type: 'built', root: 'b', changed: ['~a', '~b', '~c', '~d'], ms: 5, report })
            ending.abort()
          }, 5)
          return { url: 'http://127.0.0.1:8080/', root: undefined, stop: async () => {} }
        },
      },
      { signal: ending.signal },
    )
    expect(status).toBe(0)
    expect(out).toBe('http://127.0.0.1:8080/\n')
    expect(err).toMatch(
      /built 30 ms {2}1 definition\n[\s\S]*nothing is called frob[\s\S]*failed: 2 errors[\s\S]*built 5 ms {2}~a ~b ~c and 1 more\n$/,
    )
  })
})

describe('sx init', () => {
  it('lists what it wrote and what to do next', async () => {
    const { out, err } = await runCli(['init', 'new'], {
      init: async dir => ({ dir, files: ['README.md', 'src/home.sx'] }),
    })
    expect(out).toBe('  README.md\n  src/home.sx\n')
    expect(err).toBe('ready  cd new && sx dev\n')
  })
})
