// Root-relative URLs, as authors write them, become relative to the page that they stand on: the same bytes then work
// under /ipfs/{cid}/, on a subdomain and on a domain of one's own.

/**
 * A function that turns `/market` into `../market/` on the page `/blog`, `./` into itself. A last segment without a
 * dot is a page and gets a trailing slash; query and hash stay; anything that does not start with exactly one slash
 * is given back as it is. `pagePath` is the page's path (`/`, `/posts/hello`), or a file's (`/404.html`).
 */
export const relativeTo = (pagePath: string): ((value: string) => string) => {
  const here = pagePath.split('/').filter(Boolean)
  // A file lies in its folder, a page is a folder.
  if (/\.[^/]*$/.test(pagePath)) here.pop()
  return value => {
    const [, path, tail] = /^(\/(?!\/)[^?#]*)(.*)/s.exec(value) ?? []
    if (path === undefined) return value
    const there = path.split('/').filter(Boolean)
    const folder = path.endsWith('/') || !there.at(-1)!.includes('.')
    let same = 0
    // The last segment of a file is never shared with a folder.
    while (same < there.length - +!folder && here[same] === there[same]) same++
    const text = '../'.repeat(here.length - same) + there.slice(same).join('/')
    return (folder && text && !text.endsWith('/') ? text + '/' : text || './') + tail
  }
}
