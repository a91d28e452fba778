// The Content-Security-Policy of a page (format §5): nothing runs but the loader and what it has verified.
import type { Sha256 } from '../ports.ts'

export interface CspOptions {
  /** `'sha256-…'` of each inline script, as hashSource makes them */
  readonly scriptHashes: readonly string[]
  /** the same for each `<style>` */
  readonly styleHashes: readonly string[]
  /** origins or URLs that blocks are fetched from, besides the page's own */
  readonly connect: readonly string[]
  /** the page runs WebAssembly */
  readonly wasm: boolean
  /** origins that images, sound and video come from, besides the page's own; default none */
  readonly media?: readonly string[]
}

/**
 * The policy's text, for `<meta http-equiv>` and for a header alike: a foreign gateway sends no header of ours, so
 * nothing in it may be of the kind that only headers can say. `blob:` is for modules of the runtime that a page turns out to
 * need later: they are imported from memory once their bytes have hashed to their CIDs (CSP 3 §6.7.2.5 has no hash for
 * an imported module).
 * `style-src-attr` is the one `unsafe-inline`: a style attribute can't run anything, and hashes don't reach it.
 * @throws TypeError for a source with a character that would end it and begin another
 */
export function contentSecurityPolicy(o: CspOptions): string {
  const directives: readonly (readonly [name: string, ...sources: readonly string[]])[] = [
    ['default-src', "'none'"],
    [
      'script-src',
      ...o.scriptHashes,
      ...(o.scriptHashes.length ? ['blob:'] : []),
      ...(o.wasm ? ["'wasm-unsafe-eval'"] : []),
    ],
    ['style-src', "'self'", ...o.styleHashes],
    ['style-src-attr', "'unsafe-inline'"],
    ['img-src', "'self'", 'data:', 'blob:', ...(o.media ?? [])],
    ['media-src', "'self'", 'data:', 'blob:', ...(o.media ?? [])],
    ['font-src', "'self'", 'data:'],
    ['connect-src', "'self'", ...o.connect],
    ['worker-src', "'self'"],
    ['manifest-src', "'self'"],
    ['form-action', "'self'"],
    ['base-uri', "'none'"],
  ]
  return directives
    .map(([name, ...sources]) => {
      for (const source of sources)
        if (!/^[^\s;,"<>]+$/.test(source))
          throw new TypeError(`not one source of a Content-Security-Policy: ${source}`)
      return `${name} ${[...new Set(sources)].join(' ') || "'none'"}`
    })
    .join('; ')
}

/** `'sha256-…'` of an inline script's or style's exact text (CSP 3 §2.3.1: of its UTF-8, in base64). */
export const hashSource = (text: string, sha256: Sha256): string =>
  `'sha256-${Buffer.from(sha256(new TextEncoder().encode(text))).toString('base64')}'`
