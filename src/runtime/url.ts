// Root-relative URLs, as authors write them, become relative to the page that they stand on: the same bytes then work
// under /ipfs/{cid}/, on a subdomain and on a domain of one's own.

/**
 * A function that turns `/market` into `../market/` on the page `/blog`, `./` into itself. A last segment without a
 * dot is a page and gets a trailing slash; query and hash stay; anything that does not start with exactly one slash
 * is given back as it is. `pagePath` is the page's path (`/`, `/posts/hello`), or a file's (`/404.html`).
 */
export const relativeTo = (pagePath: string): ((value: string) => string) => {
  const isFile = /\.[^/]*$/.test(pagePath)
  const here = pagePath.split('/').filter(Boolean)
  // A file lies in its folder, a page is a folder.
  if (isFile) here.pop()
  return value => {
    if (value[0] !== '/' || value[1] === '/') return value
    const end = value.search(/[?#]/)
    const path = end < 0 ? value : value.slice(0, end)
    const tail = end < 0 ? '' : value.slice(end)
    const there = path.split('/').filter(Boolean)
    const last = there.at(-1)
    const folder = last === undefined || path.endsWith('/') || !last.includes('.')
    let same = 0
    // The last segment of a file is never shared with a folder.
    while (
      same < here.length &&
      same < (folder ? there.length : there.length - 1) &&
      here[same] === there[same]
    )
      same++
    const text = '../'.repeat(here.length - same) + there.slice(same).join('/')
    return (folder && text !== '' && !text.endsWith('/') ? text + '/' : text || './') + tail
  }
}
