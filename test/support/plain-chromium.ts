// Chromium as its users have it: a debugger at its tabs, none at its service workers. With one there (Playwright attaches
// to all it finds) Chromium ends a worker that another one shall replace although it has been handed a page to fetch
// (`ServiceWorkerVersion::OnRequestTermination` asks only whether it is wanted no more), and that page never comes.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromiumFlags, chromiumPath } from './chromium.ts'

/** Milliseconds that anything may take. */
const PATIENCE = 30_000

export interface PlainTab {
  /** Goes to an address, or loads it again, and waits for the event `load`. */
  goto(url: string): Promise<void>
  /** What an expression is, or a promise of it comes to. */
  evaluate<T>(expression: string): Promise<T>
  /** Waits until an expression is true, in whatever document is there. */
  until(expression: string, patience?: number): Promise<void>
  close(): Promise<void>
}

export interface PlainChromium {
  /** A tab in which `script` runs before a document's own. */
  open(script?: string): Promise<PlainTab>
  /** Ends it as a power cut does, and starts it again with the same profile. */
  crash(): Promise<void>
  close(): Promise<void>
}

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

const within = async <T>(work: Promise<T>, what: string, patience = PATIENCE): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${patience} ms`)), patience)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** Chrome DevTools Protocol over one connection, to one tab. */
const connect = async (address: string) => {
  const socket = new WebSocket(address)
  const waiting = new Map<number, (answer: Answer) => void>()
  const listeners = new Map<string, () => void>()
  socket.onmessage = ({ data }) => {
    const answer = JSON.parse(data as string) as Answer
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer)
    else listeners.get(answer.method!)?.()
  }
  await new Promise((opened, failed) => {
    socket.onopen = opened
    socket.onerror = failed
  })
  let last = 0
  return {
    call: async <T>(method: string, params: object = {}): Promise<T> => {
      const id = ++last
      const { result, error } = await within(
        new Promise<Answer>(resolve => {
          waiting.set(id, resolve)
          socket.send(JSON.stringify({ id, method, params }))
        }),
        method,
      ).finally(() => waiting.delete(id))
      if (error) throw new Error(`${method}: ${error.message}`)
      return result as T
    },
    once: (event: string): Promise<void> => new Promise(resolve => listeners.set(event, resolve)),
    close: () => socket.close(),
  }
}

interface Evaluated<T> {
  readonly result: { readonly value: T }
  readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description: string } }
}

const openTab = async (host: string, script: string): Promise<PlainTab> => {
  const { id } = (await (await fetch(`http://${host}/json/new`, { method: 'PUT' })).json()) as { id: string }
  const { call, once, close } = await connect(`ws://${host}/devtools/page/${id}`)
  await call('Page.enable')
  await call('Page.addScriptToEvaluateOnNewDocument', { source: script })
  const evaluate: PlainTab['evaluate'] = async <T>(expression: string) => {
    const { result, exceptionDetails: thrown } = await call<Evaluated<T>>('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })
    if (thrown) throw new Error(thrown.exception?.description ?? thrown.text)
    return result.value
  }
  return {
    goto: async url => {
      const loaded = once('Page.loadEventFired')
      const { errorText } = await call<{ errorText?: string }>('Page.navigate', { url })
      if (errorText !== undefined) throw new Error(`${url}: ${errorText}`)
      await within(loaded, `load of ${url}`)
    },
    evaluate,
    until: async (expression, patience = PATIENCE) => {
      for (const end = Date.now() + patience; ; ) {
        // A document that goes away takes an evaluation with it.
        if (await evaluate(expression).catch(() => false)) return
        if (Date.now() > end) throw new Error(`not after ${patience} ms: ${expression}`)
        await new Promise(resolve => setTimeout(resolve, 50))
      }
    },
    close: async () => {
      await fetch(`http://${host}/json/close/${id}`)
      close()
    },
  }
}

/** Where a Chromium that was just started listens to debuggers: `127.0.0.1:port`. */
const listening = async (started: ChildProcess): Promise<string> => {
  for await (const line of createInterface(started.stderr!)) {
    const [, host] = /^DevTools listening on ws:\/\/([^/]+)\//.exec(line) ?? []
    if (host !== undefined) {
      started.stderr!.resume()
      return host
    }
  }
  throw new Error('Chromium ended before it listened')
}

/** Starts Chromium with a fresh profile; whoever starts it closes it. */
export const startPlainChromium = async (): Promise<PlainChromium> => {
  const profile = mkdtempSync(join(tmpdir(), 'sx-chromium-'))
  const start = async () => {
    const started = spawn(
      chromiumPath()!,
      [
        ...chromiumFlags,
        '--headless',
        '--remote-debugging-port=0',
        `--user-data-dir=${profile}`,
        'about:blank',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
    )
    const ended = new Promise(resolve => started.once('exit', resolve))
    return {
      host: await within(listening(started), 'Chromium'),
      /** Ends all of its programs, as a power cut does. */
      kill: async (): Promise<void> => {
        process.kill(-started.pid!, 'SIGKILL')
        await ended
      },
    }
  }
  let running = await start()
  return {
    open: (script = '') => openTab(running.host, script),
    crash: async () => {
      await running.kill()
      running = await start()
    },
    close: async () => {
      await running.kill()
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
