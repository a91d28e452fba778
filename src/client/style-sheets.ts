// The style sheets of pages that come into a document: nobody sees a page without, and one that stays is not loaded again.

/** Milliseconds that style sheets have to come. */
const PATIENCE = 3000

/** Those of bodies, by their element's text. They live in the head; those of the document's first page where they are. */
const sheets = new Map<string, HTMLLinkElement>()

/** `href`: what it loads, wherever the document's address is by now. */
const textOf = (link: HTMLLinkElement, href: string): string => {
  link.setAttribute('href', href)
  return link.outerHTML
}

/** Puts the nodes of a page in the body's place, but for style sheets that stay: one that is moved is loaded again. */
export const replaceBody = (nodes: readonly ChildNode[]): void => {
  const staying = new Set<ChildNode>(sheets.values())
  for (const node of [...document.body.childNodes]) if (!staying.has(node)) node.remove()
  document.body.append(...nodes)
}

/** Takes the style sheets out of a body, and resolves when they can be applied; the result does that, and lets go of all others. */
export const takeSheets = async (body: HTMLElement): Promise<() => void> => {
  /** with the media that they are for */
  const wanted = new Map<HTMLLinkElement, string>()
  const coming: Promise<unknown>[] = []
  for (const link of document.querySelectorAll<HTMLLinkElement>('body > link[rel~="stylesheet"]'))
    if (link.sheet) sheets.set(textOf(document.importNode(link), link.sheet.href!), link)
  for (const link of body.querySelectorAll<HTMLLinkElement>('link[rel~="stylesheet"]')) {
    link.remove()
    const text = textOf(link, link.href)
    let sheet = sheets.get(text)
    if (!sheet) {
      const made = document.importNode(link)
      // It is no matter for the page that is still there.
      made.media = 'not all'
      coming.push(
        new Promise(done => {
          made.onload = made.onerror = done
          setTimeout(done, PATIENCE)
        }),
      )
      sheets.set(text, made)
      document.head.append(made)
      sheet = made
    }
    wanted.set(sheet, link.media)
  }
  await Promise.all(coming)
  return () => {
    for (const [text, sheet] of sheets) {
      const media = wanted.get(sheet)
      if (media !== undefined) sheet.media = media
      else {
        sheet.remove()
        sheets.delete(text)
      }
    }
  }
}

const style = /<style((?:\s(?:"[^"]*"|[^>"])*)?)>([\s\S]*?)<\/style>/g

/**
 * Takes the style elements out of a page's HTML where the document's policy forbids them, with what has them applied: they
 * were proven, and a script may make style sheets.
 */
export const takeStyles = (html: string, forbidden: boolean): readonly [html: string, apply: () => void] => {
  const made: CSSStyleSheet[] = []
  const rest = html.replace(style, (all, attributes: string, css: string) => {
    if (!forbidden) return all
    const sheet = new CSSStyleSheet({ media: /\smedia="([^"]*)"/.exec(attributes)?.[1] ?? '' })
    sheet.replaceSync(css)
    made.push(sheet)
    return ''
  })
  return [
    rest,
    () => {
      document.adoptedStyleSheets = made
    },
  ]
}
