// A site's source folder: which files count, under which names, and their text, the same on every machine.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SxError } from '../errors.ts'
import { compareCodePoints } from '../lang/order.ts'

/** `path` is relative to the source folder, with `/`, in NFC. */
export interface SourceFile {
  readonly path: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Names that are never a site's own: version control, packages, editors' and systems' leavings. `.well-known` is (RFC 8615). */
export const isIgnored = (name: string): boolean =>
  (name.startsWith('.') && name !== '.well-known') || name === 'node_modules' || name.endsWith('~')

/**
 * Lists the files below `folder`, sorted by code point of their path; `skip` holds paths of folders to leave out.
 * Throws 'source-invalid' for two paths that are one when case is folded: some file systems can't hold both.
 */
export function listFiles(
  folder: string,
  wanted: (name: string) => boolean,
  skip: ReadonlySet<string> = new Set(),
): string[] {
  const found: string[] = []
  const folders = ['']
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    for (const entry of readdirSync(join(folder, at), { withFileTypes: true })) {
      if (isIgnored(entry.name)) continue
      const path = at === '' ? entry.name : `${at}/${entry.name}`
      if (entry.isDirectory()) {
        if (!skip.has(path)) folders.push(path)
      } else if (entry.isFile() && wanted(entry.name)) found.push(path)
    }
  }
  const folded = new Map<string, string>()
  for (const path of found) {
    const key = normalPath(path).toLowerCase()
    const other = folded.get(key)
    if (other !== undefined)
      throw new SxError(
        'source-invalid',
        `The files ${other} and ${path} have one name where case is not told apart`,
        {
          hint: 'Rename one of them.',
        },
      )
    folded.set(key, path)
  }
  return found.sort(compareCodePoints)
}

export const normalPath = (path: string): string => path.normalize('NFC')

/** Tests are no part of the site, wherever they lie. */
export const isTest = (name: string): boolean => name.endsWith('.test.sx')
export const isSource = (name: string): boolean => name.endsWith('.sx') && !isTest(name)
/** A library that SX's own tools have compiled: told of, never read. */
export const isCompiled = (name: string): boolean => name.endsWith('.sxbc')
export const isWasm = (name: string): boolean => name.endsWith('.wasm')

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A source file's text. Throws 'source-invalid' where it is not UTF-8. */
export function sourceText(path: string, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new SxError('source-invalid', `${path} is not UTF-8 text`, { hint: 'Save it as UTF-8.' }, cause)
  }
}

export const readFile = (folder: string, path: string): SourceFile => ({
  path: normalPath(path),
  bytes: readFileSync(join(folder, path)),
})
