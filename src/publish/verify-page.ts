// A page as a host serves it: its manifest, its loader, and the steps from there up to a root.
import { SxError } from '../errors.ts'
import { matches, verifyBlock } from '../ipld/block.ts'
import type { Manifest } from '../ipld/manifest.ts'
import { openSite } from '../ipld/site.ts'
import { checkPage, climb, type Evidence, fail, linkAt, type Step, type VerifyPorts } from './verify.ts'

export interface ServedPage {
  readonly html: Uint8Array
  readonly manifest: Manifest
  readonly loader: Uint8Array
}

const script = (html: string, open: string): string | undefined => {
  const from = html.indexOf(open)
  if (from < 0) return undefined
  const to = html.indexOf('</script>', from)
  return to < 0 ? undefined : html.slice(from + open.length, to)
}

/** undefined: no page of SX, or one that needs no client. Throws 'block-malformed' for a manifest that is none. */
export const readServed = (html: Uint8Array): ServedPage | undefined => {
  const text = new TextDecoder().decode(html)
  const json = script(text, '<script type="application/json" data-sx-manifest>')
  const loader = script(text, '<script type="module" async>')
  if (json === undefined || loader === undefined) return undefined
  let manifest: Manifest
  try {
    manifest = JSON.parse(json) as Manifest
  } catch (cause) {
    throw new SxError('block-malformed', 'the page has a manifest that is not JSON', {}, cause)
  }
  const { path, page, closure, boot } = manifest
  if (
    ![path, page, closure, boot?.loader, boot?.kernel, boot?.platform].every(one => typeof one === 'string')
  )
    throw new SxError('block-malformed', 'the page has a manifest in which something is missing')
  return { html, manifest, loader: new TextEncoder().encode(loader) }
}

export const loaderStep = ({ manifest, loader }: ServedPage, { sha256 }: VerifyPorts): Promise<Step> =>
  climb('served', async () => {
    if (!matches(manifest.boot.loader, sha256(loader)))
      fail('the loader that the page runs is not the one that its manifest names')
    return `the loader that runs is ${manifest.boot.loader}, as its own manifest says`
  })

/** The HTML is, byte for byte, the file of the signed root; so are its loader and its manifest. */
export const servedStep = (
  evidence: Evidence,
  { html, manifest }: ServedPage,
  root: string,
  file: string,
  ports: VerifyPorts,
): Promise<Step> =>
  climb('served', async () => {
    const cid = await evidence.during((blocks, load) => {
      const site = openSite(root, { sha256: ports.sha256, load })
      for (const part of ['loader', 'kernel', 'platform'] as const)
        if (site.node.boot[part].cid !== manifest.boot[part])
          fail(`the page runs another ${part} than its root names`)
      return linkAt(blocks, site.node.files.cid, file, ports)
    })
    if (cid === undefined) return fail(`the root that was signed has no ${file}`)
    try {
      verifyBlock(cid, html, ports.sha256)
    } catch {
      fail(`what is served is not the ${file} of the root: its loader and manifest prove nothing`)
    }
    return `byte for byte the ${file} of the root, with its loader and its manifest`
  })

/** The page that the manifest names, and all that it needs; listed in the root where that is known. */
export const pageStep = (
  evidence: Evidence,
  { manifest }: ServedPage,
  root: string | undefined,
  ports: VerifyPorts,
): Promise<Step> =>
  climb('pages', async () => {
    const { path, page, closure, boot, parts = [] } = manifest
    const listed = await evidence.during((_, load) => {
      load(boot.kernel)
      load(boot.platform)
      for (const part of parts) load(part)
      return checkPage(path, page, closure, load, ports)
    })
    if (root === undefined) return `${path} is ${page}, whole with ${listed.size} blocks`
    const known = await evidence.during((_, load) =>
      [...openSite(root, { sha256: ports.sha256, load }).pages()].find(one => one.path === path),
    )
    if (known?.page !== page) fail(`the root has ${known?.page ?? 'no page'} at ${path}, not ${page}`)
    return `${path} is ${page}, as the root says, whole with ${listed.size} blocks`
  })
