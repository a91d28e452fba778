// What a browser does by itself with a page that it has loaded: what has the focus, and what those hear who hear pages.

/** Milliseconds after which what has just come to be a live region is one. */
const HEARD = 100

let voice: HTMLElement | undefined

/** It stands beside the body, which is the page's. */
const say = (text: string): void => {
  if (!voice) {
    voice = document.createElement('p')
    voice.setAttribute('role', 'status')
    voice.style.cssText =
      'position:fixed;top:0;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap'
    document.documentElement.append(voice)
  }
  setTimeout(() => {
    voice!.textContent = text
  }, HEARD)
}

/** Where the page begins for whoever has come: what the address names, or the heading of what it is about. */
export const arrive = (): void => {
  const find = (selector: string) => document.querySelector<HTMLElement>(selector)
  const at = find(':target') ?? find('[autofocus], main h1') ?? find('h1, main') ?? document.body
  const focus = (): boolean => {
    at.focus({ preventScroll: true })
    return document.activeElement === at
  }
  if (!focus()) {
    at.tabIndex = -1
    focus()
  }
  say(document.title)
}
