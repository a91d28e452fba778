// One line that is written over, on a terminal only: a pipe or a log never sees it.
import type { Progress } from '../app-port.ts'
import type { Output } from './io.ts'

const says = {
  read: 'reading',
  graph: 'linking',
  render: 'rendering',
  files: 'packing files',
  store: 'storing',
  send: 'sending',
  verify: 'verifying',
  fetch: 'fetching',
} as const satisfies Record<Progress['phase'], string>

export interface ProgressLine {
  show(progress: Progress): void
  /** wipes the line */
  done(): void
}

/** Writes at most every 50 ms by `now`. */
export function createProgress(to: Output, now: () => number): ProgressLine {
  if (to.isTTY !== true) return { show: () => {}, done: () => {} }
  let last = 0
  let shown = false
  return {
    show: ({ phase, done, total }) => {
      if (now() - last < 50) return
      last = now()
      shown = true
      const text = `${says[phase]} ${done}${total === undefined ? '' : ` of ${total}`}`
      to.write(`\r\x1b[2K${text.slice(0, (to.columns ?? 80) - 1)}`)
    },
    done: () => {
      if (shown) to.write('\r\x1b[2K')
      shown = false
    },
  }
}
