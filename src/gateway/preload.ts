// What a page's loader is going to ask for, said in a header (HTML §4.6.8, RFC 8288): a browser asks while it still reads.

/** CIDs in the order in which they are wanted. */
export interface Preload {
  /** kernel, what islands need, the rest of the runtime */
  readonly runtime: readonly string[]
  /** of the page's definitions */
  readonly packs: readonly string[]
}

const manifest = /<script type="application\/json" data-sx-manifest>([^<]*)<\/script>/
const isCid = (value: unknown): value is string => typeof value === 'string' && /^b[a-z2-7]{58}$/.test(value)

/** `head`: of the page. undefined: it has no manifest that says so. */
export const findPreload = (head: string): Preload | undefined => {
  try {
    const { boot, parts = [], packs = [] } = JSON.parse(manifest.exec(head)![1]!)
    return { runtime: [boot.kernel, ...parts].filter(isCid), packs: packs.filter(isCid) }
  } catch {
    return undefined
  }
}

/**
 * The value of `Link`. `name`: of the page's file; addresses are relative to its directory, wherever a proxy put the site.
 * The loader's requests are of mode `cors` with the credentials of the same origin, which is what `crossorigin` stands for.
 */
export const preloadLink = (cids: readonly string[], name: string): string => {
  const up = '../'.repeat(name.split('/').length - 1)
  return cids.map(cid => `<${up}_sx/b/${cid}>; rel=preload; as=fetch; crossorigin`).join(', ')
}
