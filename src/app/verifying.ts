// sx verify: where the blocks come from (this store, a gateway, a CAR, the host of a page), and which steps are climbed.
import { createReadStream, existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { App } from '../app-port.ts'
import { SxError } from '../errors.ts'
import { blockOf } from '../ipld/block.ts'
import { cidOf, DAG_CBOR, DAG_PB, parseCid } from '../ipld/cid.ts'
import { decodeNode } from '../ipld/decode.ts'
import { placeOf } from '../ipld/place.ts'
import { readRelease } from '../ipld/release.ts'
import { gatewayBlocks } from '../publish/gateway-blocks.ts'
import type { Http } from '../publish/http.ts'
import { verifySignature } from '../publish/signing-key.ts'
import {
  bytesStep,
  chainStep,
  climb,
  definitionsStep,
  type Evidence,
  gatherEvidence,
  linkAt,
  notAnchored,
  pagesStep,
  type Release,
  releaseStep,
  rootStep,
  type Step,
  signedBy,
  type VerifyPorts,
  verdictOf,
} from '../publish/verify.ts'
import { loaderStep, pageStep, readServed, servedStep } from '../publish/verify-page.ts'
import { resolveRoot } from './archive.ts'
import { openReleases } from './releasing.ts'
import { sha256 } from './sha256.ts'
import { openHttp } from './targets.ts'
import type { Workshop } from './workshop.ts'

type Fetch = VerifyPorts['fetch']

const MOST_PAGE = 16 * 2 ** 20

export const createVerifying = (shop: Workshop): Pick<App, 'verify'> => {
  const portsWith = async (fetch: Fetch): Promise<VerifyPorts> => {
    const { eachLink, digestOf } = await import('../store/links.ts')
    const { list } = await import('../store/unixfs-read.ts')
    return {
      sha256,
      verifySignature,
      fetch,
      earlier: async cid => {
        const recorded = await recordedRelease(shop, cid)
        return recorded ?? fetch(cid).catch(() => undefined)
      },
      linksOf: (cid, bytes) => {
        const found: string[] = []
        eachLink(parseCid(cid).codec, bytes, (key, codec) => found.push(cidOf(codec, digestOf(key))))
        return found
      },
      list,
    }
  }

  return {
    verify: async (what, { from = [], signal } = {}) => {
      const started = performance.now()
      const http = openHttp()
      const gateways = from.map(one => gatewayBlocks(one, http, sha256))
      const remote: Fetch = async cid => {
        let failure: unknown
        for (const gateway of gateways) {
          try {
            const bytes = await gateway.get(cid, signal)
            if (bytes !== undefined) return bytes
          } catch (error) {
            failure ??= error
          }
        }
        if (failure !== undefined) throw failure
        return undefined
      }
      const done = (steps: readonly Step[], subject: string) => ({
        what: subject,
        verdict: verdictOf(steps),
        steps,
        ms: performance.now() - started,
      })

      if (/^https?:\/\//.test(what)) return done(await verifyUrl(what, remote, http, portsWith, signal), what)
      const path = resolve(shop.options.cwd, what)
      if (existsSync(path) && !/^b[a-z2-7]{58,}$/.test(what)) {
        const { blocks, root } = await readWhole(path)
        const ports = await portsWith(async cid => blocks.get(cid))
        return done(await verifyCid(root, ports), root)
      }
      const root = await resolveRoot(shop, what)
      const stored = await shop.store()
      const ports = await portsWith(gateways.length > 0 ? remote : async cid => stored.get(cid))
      return done(await verifyCid(root, ports), root)
    },
  }
}

/** Releases of this machine keep their blocks in the records, whatever is collected. */
const recordedRelease = async (shop: Workshop, cid: string): Promise<Uint8Array | undefined> => {
  const releases = await openReleases(shop)
  for (const site of releases.sites())
    for (const one of releases.all(site)) if (one.cid === cid) return one.bytes
  return undefined
}

const readWhole = async (
  path: string,
): Promise<{ root: string; blocks: ReadonlyMap<string, Uint8Array> }> => {
  const { readCar } = await import('../store/car.ts')
  const { roots, blocks } = await readCar(createReadStream(path), { sha256 })
  const held = new Map<string, Uint8Array>()
  for await (const { cid, bytes } of blocks) held.set(`${cid.toV1()}`, bytes)
  if (roots.length !== 1)
    throw new SxError('car-malformed', `${path} has ${roots.length} roots, and one is verified`)
  return { root: `${roots[0]!.toV1()}`, blocks: held }
}

/** A release directory, a release, a site, a page or any other block: as many steps as there are. */
const verifyCid = async (cid: string, ports: VerifyPorts): Promise<readonly Step[]> => {
  const evidence = gatherEvidence(ports)
  const bytes = await bytesStep(evidence, cid)
  if (bytes.state !== 'proven') return [bytes]
  const { codec } = parseCid(cid)
  const kind =
    codec === DAG_CBOR
      ? await evidence.during((_, load) => {
          try {
            return decodeNode(load(cid)).kind
          } catch {
            return undefined
          }
        })
      : undefined
  const isDirectory =
    codec === DAG_PB &&
    (await evidence.during(blocks => {
      try {
        return linkAt(blocks, cid, '_sx/release.cbor', ports) !== undefined
      } catch (error) {
        if (error instanceof SxError) return false
        throw error
      }
    }))

  let release: Release | undefined
  let step: Step = { step: 'release', state: 'none', says: 'no release: nobody has signed it' }
  if (isDirectory) {
    const found = await releaseStep(evidence, cid, ports)
    step = found.step
    release = found.release
  } else if (kind === 'release') {
    const found = await evidence.during((_, load) => load(cid))
    step = await climb('release', async () => {
      const node = readRelease(found)
      const said = signedBy({ node, bytes: found, cid }, ports)
      release = { node, bytes: found, cid }
      return said
    })
  }
  const root = release?.node.root.cid ?? (kind === 'site' ? cid : undefined)
  const steps = [bytes, await definitionsStep(evidence, root ?? cid, ports)]
  if (root !== undefined) {
    if (parseCid(root).codec === DAG_CBOR) steps.push(await pagesStep(evidence, root, ports))
    steps.push(await rootStep(evidence, root, ports))
  }
  steps.push(step)
  if (release !== undefined) steps.push(await chainStep(release, ports))
  return [...steps, notAnchored]
}

/** A page where it is served: nothing of the host is believed. */
const verifyUrl = async (
  address: string,
  remote: Fetch,
  http: Http,
  portsWith: (fetch: Fetch) => Promise<VerifyPorts>,
  signal: AbortSignal | undefined,
): Promise<readonly Step[]> => {
  const response = await http.ask(address, { headers: { Accept: 'text/html' }, signal })
  const url = new URL(response.url)
  const html = new Uint8Array(await response.arrayBuffer())
  if (html.length > MOST_PAGE)
    throw new SxError('peer-failed', `${address} sends more than ${MOST_PAGE} bytes`)
  const served = readServed(html)
  if (served === undefined)
    throw new SxError('not-a-definition', `${address} is no page of SX`, {
      hint: 'a folder of plain files is verified by its CID',
    })
  const place = placeOf(served.manifest.path, decodeURI(url.pathname))
  const base = `${url.origin}${place?.base ?? '/'}`
  const near = [`${base}_sx/b/{cid}`, `${url.origin}/ipfs/{cid}?format=raw`, `${url.origin}/sx/h/{cid}`]
  const fetchNear: Fetch = async cid => {
    for (const template of near) {
      const answer = await http
        .ask(template.replace('{cid}', cid), { accept: [400, 403, 404, 406, 410, 500, 501], signal })
        .catch(() => undefined)
      if (answer?.ok) {
        const bytes = new Uint8Array(await answer.arrayBuffer())
        // a host of files may answer anything with its front page
        if (blockOf(bytes, parseCid(cid).codec, sha256).cid === cid) return bytes
      } else await answer?.body?.cancel()
    }
    return remote(cid)
  }
  const ports = await portsWith(fetchNear)
  const evidence: Evidence = gatherEvidence(ports)
  let release: Release | undefined
  const signed = await climb('release', async () => {
    const answer = await http.ask(`${base}_sx/release.cbor`, { accept: [404, 410], signal })
    if (!answer.ok) throw new SxError('block-not-found', 'the host shows no release (_sx/release.cbor)')
    const bytes = new Uint8Array(await answer.arrayBuffer())
    const found = { node: readRelease(bytes), bytes, cid: blockOf(bytes, DAG_CBOR, sha256).cid }
    const said = signedBy(found, ports)
    release = found
    return said
  })
  const root = release?.node.root.cid
  const own = place?.path ?? '/'
  const file = own === '/' ? 'index.html' : `${decodeURI(own).replace(/^\//, '')}/index.html`
  const steps: Step[] = []
  steps.push(await loaderStep(served, ports))
  steps.push(await pageStep(evidence, served, root, ports))
  if (root !== undefined) {
    steps.push(await rootStep(evidence, root, ports, { names: false }))
    steps.push(await servedStep(evidence, served, root, file, ports))
  }
  steps.push(signed)
  if (release !== undefined) steps.push(await chainStep(release, ports))
  const bytes: Step = {
    step: 'bytes',
    state: 'proven',
    says: `${evidence.count} blocks came, ${(evidence.bytes / 1000).toFixed(1)} KB: each hashes to the CID that asked for it`,
  }
  return [bytes, ...steps, notAnchored]
}
