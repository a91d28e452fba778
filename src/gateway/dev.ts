// Only under `sx dev`: one script in each page that reloads it after a build and shows a failed build's errors over it.
import type { ServerResponse } from 'node:http'
import type { Sha256 } from '../ports.ts'
import { type Answer, answer } from './answer.ts'
import { devScript } from './dev-script.ts'
import type { DevHooks, DevPush } from './gateway-port.ts'
import { allow, findPolicy, headerPolicy } from './policy.ts'

export const eventsPath = '/sx/dev/events'

export interface DevPage {
  /** A page of the site with the script in it, its policy opened for that one script. */
  answer(html: Uint8Array, status: number, root: string): Answer
  /** what shows before the first build succeeded */
  waiting(): Answer
}

export function createDevPage(sha256: Sha256): DevPage {
  const hash = `'sha256-${Buffer.from(sha256(new TextEncoder().encode(devScript))).toString('base64')}'`
  const open = (policy: string): string => allow(allow(policy, 'script-src', hash), 'connect-src', "'self'")

  const made = (html: string, status: number, root: string): Answer => {
    const tag = `<script data-root="${root}">${devScript}</script>`
    const policy = findPolicy(html)
    let text = html
    let sent: string | undefined
    if (policy !== undefined) {
      const opened = open(policy.value)
      text =
        text.slice(0, policy.start) +
        opened.replace(/&/g, '&amp;').replace(/"/g, '&quot;') +
        text.slice(policy.end)
      sent = headerPolicy(opened)
    }
    return answer(
      status,
      {
        'Content-Type': 'text/html; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
        'Content-Security-Policy': sent,
      },
      text.includes('</head>') ? text.replace('</head>', () => `${tag}</head>`) : text + tag,
    )
  }

  return {
    answer: (html, status, root) => made(new TextDecoder().decode(html), status, root),
    waiting: () =>
      made(
        `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:"><link rel="icon" href="data:,"><title>Building…</title></head><body></body></html>`,
        503,
        '',
      ),
  }
}

export interface DevEvents {
  /** Takes the response over; ends when the browser goes or `stop` is called. False: too many listen already. */
  listen(response: ServerResponse): boolean
  stop(): void
}

export function createDevEvents(hooks: DevHooks, most: number): DevEvents {
  const listeners = new Set<ServerResponse>()
  let stopped = false
  return {
    listen: response => {
      // A browser that comes back while the server stops would keep it from ending.
      if (stopped || listeners.size >= most) return false
      response.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
      })
      const send = (push: DevPush): void => void response.write(`data: ${JSON.stringify(push)}\n\n`)
      // the browser tries again this soon when `sx dev` is started anew
      response.write('retry: 500\n\n')
      const now = hooks.current()
      if (now !== undefined) send(now)
      const end = hooks.subscribe(send)
      listeners.add(response)
      response.on('close', () => {
        end()
        listeners.delete(response)
      })
      return true
    },
    stop: () => {
      stopped = true
      for (const response of listeners) response.end()
    },
  }
}
