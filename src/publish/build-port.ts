// What a builder takes and gives: types only.
import type { Place } from '../errors.ts'
import type { Block, BlockReader, FileBuilder, Sha256 } from '../ports.ts'
import type { Navigation } from '../settings.ts'
import type { BootBytes } from './boot.ts'
import type { OtherSettings } from './other-config.ts'

/** What a site says of itself (sx.config.json, checked and with its defaults). */
export interface SiteSettings {
  readonly title: string
  /** BCP 47 */
  readonly lang: string
  /** folders, relative to the site's */
  readonly source: string
  readonly public: string
  /** origins */
  readonly gateways: readonly string[]
  /** a service worker keeps what was visited; false: it takes itself away; undefined: there is none */
  readonly offline?: boolean | undefined
  readonly status?: boolean
  /** default `soft` */
  readonly navigation?: Navigation
  /** what pages render is compared with the types that parameters declare: see runtime/strict.ts */
  readonly strict?: boolean
  /** definitions of other publishers, by the site's names for them */
  readonly others?: OtherSettings
}

export interface BuilderOptions {
  /** absolute */
  readonly folder: string
  readonly settings: SiteSettings
  readonly boot: BootBytes
  readonly sha256: Sha256
  /** SHA3-256, hex, of a text's UTF-8 */
  readonly sha3: (text: string) => string
  readonly files: FileBuilder
  /** where definitions of other publishers (`@h:`) may already be */
  readonly stored: BlockReader
}

export interface BuildProgress {
  readonly phase: 'read' | 'graph' | 'render' | 'files'
  readonly done: number
  readonly total?: number | undefined
}

export interface BuildWarning {
  readonly name: string
  readonly message: string
  readonly place?: Place
}

export interface Built {
  readonly root: string
  /** every block that was not acknowledged yet */
  readonly blocks: readonly Block[]
  /** The blocks are safe now: the next build need not hand them over again. */
  acknowledge(): void
  /** names of definitions that are new, other or gone since the last build */
  readonly changed: readonly string[]
  readonly warnings: readonly BuildWarning[]
  /** source files */
  readonly files: number
  readonly pages: readonly { readonly path: string; readonly cid: string }[]
  /** name → CID */
  names(): Record<string, string>
}

export interface Builder {
  /**
   * Builds what is in the folder now. `changed`: only these paths, relative to the source folder, may differ from the
   * last time; the public folder is always looked at. Throws 'build-failed' with `detail.errors`: what was built
   * before stays as it was, and the next call takes up the same changes again.
   */
  build(options?: {
    readonly changed?: readonly string[] | undefined
    readonly onProgress?: ((progress: BuildProgress) => void) | undefined
  }): Promise<Built>
}
