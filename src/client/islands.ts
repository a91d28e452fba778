// The islands of a document: which there are, what they begin with, what readers did before they were alive, and how
// they fail.
import type { Habitat, Hydrated } from '../runtime/hydrate.ts'
import type { Frame } from '../runtime/machine.ts'
import type { Keys } from '../runtime/params.ts'
import type { Kernel } from './kernel.ts'

/** What an island is called with, where its element doesn't say it all, and where. */
export interface Call {
  readonly args: readonly unknown[]
  readonly keys: Keys | undefined
  readonly k: Frame | undefined
}

export interface Islands {
  /** those that live, outermost ones */
  readonly alive: ReadonlyMap<Element, Hydrated>
  /** outermost ones that don't live yet */
  waiting(): Element[]
  /** Brings one to life; with what its element says, unless told. `begun`: called before it hears of earlier events. */
  hydrate(element: Element, call?: Call, begun?: () => void): Promise<void>
  /** Ends one, and leaves what it shows. */
  end(element: Element): void
}

const selector = '[data-sx-island]'

/** `events`: what readers did where nothing lived yet. */
export const createIslands = (
  kernel: Kernel,
  habitat: Readonly<Omit<Habitat, 'failed'>>,
  events: Event[],
  tell: (type: string, detail: unknown) => void,
): Islands => {
  const alive = new Map<Element, Hydrated>()
  const failed: Habitat['failed'] = (element, error, stopped) => {
    console.error('sx: an island failed', error)
    if (stopped && !element.hasAttribute('data-sx-failed')) {
      element.setAttribute('data-sx-failed', '')
      const note = document.createElement('strong')
      note.setAttribute('role', 'alert')
      note.textContent = 'This part of the page has stopped.'
      element.append(note)
    }
    tell('sx:island-failed', { element, error, stopped })
  }
  return {
    alive,
    waiting: () =>
      [...document.querySelectorAll(selector)].filter(
        element => !element.parentElement!.closest(selector) && !alive.has(element),
      ),
    async hydrate(element, call, begun) {
      const state: Map<string, unknown> = JSON.parse(
        element.getAttribute('data-sx-state')!,
        kernel.reviveDict,
      )
      const { args, keys, k }: Call = call ?? {
        args: [...state.values()],
        keys: [...state.keys()],
        k: undefined,
      }
      const id = element.getAttribute('data-sx-island')!
      alive.set(element, await kernel.hydrate({ ...habitat, failed }, element, id, args, keys, k))
      begun?.()
      Object.assign(element, { sxLive: true })
      for (const event of events.splice(0)) {
        let node = event.target as Element | null
        if (!element.contains(node)) events.push(event)
        // Held back by the loader: it is sent, unless a handler has it otherwise.
        else if ('submitter' in event)
          (node as HTMLFormElement).requestSubmit((event as SubmitEvent).submitter)
        else for (; node && node !== element; node = node.parentElement) kernel.handle(node, event)
      }
    },
    end(element) {
      alive.get(element)?.end()
      alive.delete(element)
    },
  }
}
