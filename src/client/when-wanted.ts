// When an island comes to life that need not at once: `data-sx-hydrate` says.

/** What readers do with what they want to use. */
const signs = ['pointerdown', 'keydown', 'focusin', 'click']

const waits: Readonly<Record<string, (element: Element, go: () => void) => void>> = {
  idle: (_element, go) =>
    'requestIdleCallback' in globalThis
      ? void requestIdleCallback(go, { timeout: 5000 })
      : void setTimeout(go, 200),
  visible(element, go) {
    const observer = new IntersectionObserver(entries => {
      if (!entries.some(entry => entry.isIntersecting)) return
      observer.disconnect()
      go()
    })
    // The island's own element may have no box.
    for (const one of [element, ...element.children]) observer.observe(one)
  },
  interaction(element, go) {
    const act = (): void => {
      for (const sign of signs) element.removeEventListener(sign, act, true)
      // After the event has been where it goes: it was kept, and is done again when the island lives.
      setTimeout(go)
    }
    for (const sign of signs) element.addEventListener(sign, act, true)
  },
}

/** Calls `go` at once, or later; resolves when that has come to its end, or at once when it has to wait. */
export const whenWanted = async (element: Element, go: () => Promise<void>): Promise<void> => {
  const wait = waits[element.getAttribute('data-sx-hydrate') ?? '']
  if (!wait) return go()
  wait(element, () => void go())
}
