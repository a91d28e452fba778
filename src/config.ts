// sx.config.json: read, checked, and filled with defaults; and the environment, which nothing else reads.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SxError } from './errors.ts'
import { nearMisses } from './lang/near.ts'
import { checkOthers, type OtherSettings } from './publish/other-config.ts'
import { checkTargets, type TargetSettings } from './publish/target-config.ts'
import {
  type Check,
  flag,
  folder,
  group,
  isOneOf,
  listOf,
  type Navigation,
  navigations,
  origin,
  type ServeSettings,
  serveChecks,
  text,
} from './settings.ts'

/** What a site's `sx.config.json` may say; every key has a default, so a folder of `.sx` files needs none. */
export interface SiteConfig {
  /** shown in the browser's tab when a page has no title of its own; default: the folder's name */
  readonly title: string
  /** BCP 47 tag of the pages' `lang`; default `en` */
  readonly lang: string
  /** folder of the `.sx` and `.wasm` files, relative to the configuration; default `src` where it exists, else `.` */
  readonly source: string
  /** folder whose files are served as they are; default `public` */
  readonly public: string
  /** origins that pages may load verified blocks from, besides their own host; default none */
  readonly gateways: readonly string[]
  /** how many of the site's newest roots stay pinned; default 3 */
  readonly keep: number
  /** how many of the newest releases stay pinned on this machine; default 8 */
  readonly releases: number
  /** name of the key that signs releases; default: the folder's name */
  readonly key: string
  /** arguments are compared with the types that parameters declare, in `sx build`, `check`, `eval`, `repl` and `test`; default false */
  readonly strict: boolean
  /** a service worker keeps what readers visited; false: one that they have goes; default: there is none */
  readonly offline: boolean | undefined
  /** pages have a panel that says what was verified and from where; default false */
  readonly status: boolean
  /** how pages of the site follow each other; default `soft` */
  readonly navigation: Navigation
  /** what `sx serve` answers besides the site; each key has a default and a flag of its own */
  readonly serve: Partial<ServeSettings>
  /** definitions of other publishers, by the names that the site has for them: a CID, or a CID with its trust */
  readonly others: OtherSettings
  /** where releases go besides this machine, by name */
  readonly targets: Readonly<Record<string, TargetSettings>>
}

export interface Site {
  /** absolute path of the site's folder: it names the site in the store */
  readonly folder: string
  readonly config: SiteConfig
  /** it has a sx.config.json */
  readonly hasConfig: boolean
}

const few: Check = v =>
  Number.isInteger(v) && (v as number) >= 1 && (v as number) <= 1000
    ? undefined
    : 'must be a whole number from 1 to 1000'
const isKeyName = (v: unknown): v is string =>
  typeof v === 'string' && /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/.test(v)

const checks = {
  serve: group(serveChecks),
  title: text,
  lang: v =>
    typeof v === 'string' && /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(v)
      ? undefined
      : 'must be a language tag such as "en" or "pt-BR"',
  source: folder,
  public: folder,
  gateways: listOf('origins', origin),
  keep: few,
  releases: few,
  key: v => (isKeyName(v) ? undefined : 'must be letters, digits, - and _, at most 64'),
  strict: flag,
  offline: flag,
  status: flag,
  navigation: v =>
    isOneOf(navigations, v) ? undefined : `must be ${navigations.map(n => `"${n}"`).join(', ')}`,
  others: checkOthers,
  targets: checkTargets,
} satisfies Record<keyof SiteConfig, Check>

/** Checks a parsed configuration. Throws 'config-invalid', naming the key. */
export function checkConfig(json: unknown, file: string): Partial<SiteConfig> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new SxError('config-invalid', `${file} must hold one JSON object`)
  for (const [key, value] of Object.entries(json)) {
    const check: Check | undefined = Object.hasOwn(checks, key) ? checks[key as keyof SiteConfig] : undefined
    if (check === undefined) {
      const near = nearMisses(key, Object.keys(checks))
      throw new SxError('config-invalid', `${file}: there is no setting "${key}"`, {
        hint:
          near.length > 0
            ? `Did you mean "${near[0]}"?`
            : `The settings are ${Object.keys(checks).join(', ')}.`,
      })
    }
    const problem = check(value)
    if (problem !== undefined) throw new SxError('config-invalid', `${file}: "${key}" ${problem}`)
  }
  return json as Partial<SiteConfig>
}

/** Reads the site in `path` (a folder, with or without sx.config.json). Throws 'not-found', 'config-invalid'. */
export function readSite(path: string): Site {
  const siteFolder = resolve(path)
  if (!existsSync(siteFolder) || !statSync(siteFolder).isDirectory())
    throw new SxError('not-found', `There is no folder ${path}`, {
      hint: 'Give the folder of a site, or run `sx init` to make one.',
    })
  const file = join(siteFolder, 'sx.config.json')
  const given = existsSync(file)
    ? checkConfig(parseJson(readFileSync(file, 'utf8'), file), 'sx.config.json')
    : {}
  return {
    folder: siteFolder,
    hasConfig: existsSync(file),
    config: {
      title: given.title ?? (siteFolder.split(/[\\/]/).at(-1) || 'site'),
      lang: given.lang ?? 'en',
      source: given.source ?? (existsSync(join(siteFolder, 'src')) ? 'src' : '.'),
      public: given.public ?? 'public',
      gateways: (given.gateways ?? []).map(g => new URL(g).origin),
      keep: given.keep ?? 3,
      releases: given.releases ?? 8,
      key: given.key ?? keyNameOf(siteFolder),
      strict: given.strict ?? false,
      offline: given.offline,
      status: given.status ?? false,
      navigation: given.navigation ?? 'soft',
      serve: given.serve ?? {},
      others: given.others ?? {},
      targets: given.targets ?? {},
    },
  }
}

/** The folder's name with what no key may be called by left out. */
const keyNameOf = (folder: string): string => {
  const name = (folder.split(/[\\/]/).at(-1) ?? '').replace(/[^a-zA-Z0-9_-]+/g, '-').replace(/^[-_]+/, '')
  return name.slice(0, 64) || 'site'
}

function parseJson(source: string, file: string): unknown {
  try {
    return JSON.parse(source)
  } catch (cause) {
    throw new SxError('config-invalid', `${file} is not JSON: ${(cause as Error).message}`, {}, cause)
  }
}

export interface Environment {
  /** `SX_STORE`: the store's file, unless `--store` names one */
  readonly store: string | undefined
  /** `SX_PASSPHRASE`: opens the publisher's keys, or locks the first one */
  readonly passphrase: string | undefined
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly isTerminal: boolean
}

export const readEnvironment = (): Environment => ({
  store: process.env.SX_STORE || undefined,
  passphrase: process.env.SX_PASSPHRASE || undefined,
  variables: process.env,
  platform: process.platform,
  isTerminal: process.stderr.isTTY === true,
})
