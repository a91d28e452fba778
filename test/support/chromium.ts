// A real Chromium for browser tests: found or installed, launched without talking to anybody but us.
import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

const runnable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function find(): string | undefined {
  const given = process.env.CHROME_PATH
  if (given) return runnable(given) ? given : undefined
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin', '/snap/bin')
  return names.flatMap(n => (n.startsWith('/') ? [n] : folders.map(f => join(f, n)))).find(runnable)
}

/** On Debian, and only as root: what `apt-get install chromium` brings is what these tests are written for. */
function install(): void {
  if (
    process.platform !== 'linux' ||
    process.getuid?.() !== 0 ||
    spawnSync('apt-get', ['--version']).status !== 0
  )
    return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore', env })
  spawnSync('apt-get', ['install', '-yq', '--no-install-recommends', 'chromium'], { stdio: 'ignore', env })
}

const howTo =
  'No Chromium found: install it (Debian: apt-get install chromium) or set CHROME_PATH to its program.'

/** True where a missing browser is a failure and not a reason to skip. */
const required = Boolean(process.env.CI || process.env.SX_VECTORS)

let located: string | undefined | null = null

/** The program's path. undefined after one line that says how to get it; throws instead where tests must not be skipped. */
export function chromiumPath(): string | undefined {
  if (located === null) {
    located = find()
    if (located === undefined && required && process.env.CHROME_PATH === undefined) {
      install()
      located = find()
    }
    if (located === undefined) {
      if (required) throw new Error(howTo)
      console.warn(howTo)
    }
  }
  return located
}

/** For `describe.skipIf(!hasChromium())`. */
export const hasChromium = (): boolean => chromiumPath() !== undefined

/** It talks to nobody but us. */
export const chromiumFlags: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts Chromium with a fresh profile; whoever launches closes. `extra` are further command line flags. */
export async function launchChromium(extra: readonly string[] = []): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === undefined) throw new Error(howTo)
  return chromium.launch({
    executablePath,
    headless: true,
    args: [...chromiumFlags, ...extra],
  })
}

/** `Chromium 156.0.…`, for reports of measurements. */
export const chromiumVersion = (): string =>
  execFileSync(chromiumPath()!, ['--version'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
