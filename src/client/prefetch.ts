// How early a page is fetched that a link leads to: `sx-prefetch` at the link, or around it, says.

/** Milliseconds that a pointer rests on a link that is meant. */
const REST = 65

/** `hover`, unless it says something else. */
const wishOf = (link: Element): string =>
  link.closest('[sx-prefetch]')?.getAttribute('sx-prefetch') ?? 'hover'

export const linkAt = ({ target }: Event): HTMLAnchorElement | null =>
  (target as Element).closest?.<HTMLAnchorElement>('a[href]') ?? null

const isFrugal = (): boolean =>
  (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true

/** The result looks at the links of a page that has come: some are fetched without being touched. */
export const watchLinks = (fetchAhead: (link: HTMLAnchorElement) => void): (() => void) => {
  let resting: ReturnType<typeof setTimeout> | undefined
  const hear = (type: string, wanted: RegExp, wait: number): void =>
    addEventListener(
      type,
      event => {
        const link = linkAt(event)
        clearTimeout(resting)
        if (!link || !wanted.test(wishOf(link)) || isFrugal()) return
        if (wait) resting = setTimeout(fetchAhead, wait, link)
        else fetchAhead(link)
      },
      { capture: true, passive: true },
    )
  hear('pointerover', /^hover$/, REST)
  hear('focusin', /^hover$/, REST)
  hear('pointerdown', /^(?:hover|pointer-down)$/, 0)
  const seen = new IntersectionObserver(entries => {
    for (const { isIntersecting, target } of entries)
      if (isIntersecting) {
        seen.unobserve(target)
        fetchAhead(target as HTMLAnchorElement)
      }
  })
  return () => {
    seen.disconnect()
    if (isFrugal()) return
    for (const link of document.links as HTMLCollectionOf<HTMLAnchorElement>) {
      const wish = wishOf(link)
      if (wish === 'visible') seen.observe(link)
      // The page that has come may still have work.
      else if (wish === 'idle') setTimeout(fetchAhead, 200, link)
    }
  }
}
