// The page that lists a directory, with links that hold on the host where it is shown.
import { bytes } from '../definition-page.ts'
import { shortCid } from '../highlight.ts'
import { escapeHtml, type Shell } from '../html.ts'
import { addressOf, encodeSegment } from './asked.ts'
import type { Found } from './handler.ts'

export interface Listed {
  readonly name: string
  readonly cid: string
  readonly size: number
}

/** `more`: there are others that are not in `entries`. */
export function listingPage(found: Found, entries: readonly Listed[], more: boolean, shell: Shell): string {
  const { segments, resolved, mount } = found
  const title = `Index of ${titleOf(found)}`
  const rows = entries.map(({ name, cid, size }) => {
    const address = addressOf(found, [...segments, name])
    return `<tr><td><a href="${escapeHtml(address)}">${escapeHtml(name)}</a></td><td>${blockLink(found, cid, name)}</td><td class="n">${bytes(size)}</td></tr>`
  })
  if (segments.length > 0)
    rows.unshift(
      `<tr><td><a href="${escapeHtml(addressOf(found, segments))}/..">..</a></td><td></td><td></td></tr>`,
    )
  const forms =
    mount.kind === 'dnslink'
      ? ''
      : `<ul class="views"><li><a href="?format=car">CAR</a></li><li><a href="?format=tar">TAR</a></li></ul>`
  return shell.page(
    title,
    `<h1>Index of ${breadcrumbs(found)}</h1>
<p class="cid">${resolved.cid}</p>
${forms}
<table>
${rows.join('\n')}
</table>${more ? `\n<p class="soft">There are more than these ${entries.length}: <a href="?format=car&amp;dag-scope=entity">all of them</a>.</p>` : ''}`,
  )
}

const titleOf = ({ namespace, root, segments }: Found): string =>
  `/${[namespace, root, ...segments].join('/')}`

/** `/ipfs/{root}/a/b`, each part a link to it by the path form, which a gateway with subdomains sends on. */
function breadcrumbs(found: Found): string {
  const { mount, namespace, root, segments } = found
  const base =
    mount.kind === 'path'
      ? `/${namespace}/${root}`
      : mount.kind === 'subdomain'
        ? `//${mount.gateway}/${namespace}/${root}`
        : `//${mount.host}`
  const first = mount.kind === 'dnslink' ? `${base}/` : base
  const links = segments.map((segment, i) => {
    const address =
      base +
      segments
        .slice(0, i + 1)
        .map(part => `/${encodeSegment(part)}`)
        .join('')
    return `/<a href="${escapeHtml(address)}">${escapeHtml(segment)}</a>`
  })
  return `/${namespace}/<a href="${escapeHtml(first)}">${escapeHtml(root)}</a>${links.join('')}`
}

function blockLink({ mount }: Found, cid: string, name: string): string {
  if (mount.kind === 'dnslink')
    return `<a class="ipfs-hash" translate="no" href="https://cid.ipfs.tech/#${cid}" target="_blank" rel="noreferrer noopener">${shortCid(cid)}</a>`
  const host = mount.kind === 'subdomain' ? `//${mount.gateway}` : ''
  // escaped twice, as other gateways do and as `fileNameOf` reads it
  const query = encodeURIComponent(encodeSegment(name))
  return `<a class="ipfs-hash" translate="no" href="${escapeHtml(`${host}/ipfs/${cid}?filename=${query}`)}">${shortCid(cid)}</a>`
}
