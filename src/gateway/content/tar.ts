// UnixFS as a TAR stream: ustar entries, with a pax header before one whose name or size ustar can't hold (POSIX.1-2017, pax).
import { SxError } from '../../errors.ts'

export interface TarEntry {
  /** relative, with `/` */
  readonly path: string
  readonly content:
    | { readonly kind: 'file'; readonly size: number; readonly bytes: AsyncIterable<Uint8Array> }
    | { readonly kind: 'directory' }
    | { readonly kind: 'symlink'; readonly target: string }
}

const BLOCK = 512
const padding = (size: number): Uint8Array => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK)

/** Throws 'request-invalid' before an entry that would leave the folder it is unpacked in. */
export async function* writeTar(entries: AsyncIterable<TarEntry>): AsyncGenerator<Uint8Array> {
  for await (const { path, content } of entries) {
    if (path.split('/').some(part => part === '' || part === '.' || part === '..') || path.includes('\0'))
      throw new SxError('request-invalid', 'it has names that lead out of it, so it can’t be had as a TAR')
    const size = content.kind === 'file' ? content.size : 0
    const target = content.kind === 'symlink' ? content.target : ''
    const type = { file: '0', directory: '5', symlink: '2' }[content.kind]
    const name = content.kind === 'directory' ? `${path}/` : path
    const extended = [
      ...(fits(name) ? [] : [['path', name] as const]),
      ...(fits(target) ? [] : [['linkpath', target] as const]),
      ...(size < 8 ** 11 ? [] : [['size', String(size)] as const]),
    ]
    if (extended.length > 0) {
      const records = Buffer.from(extended.map(record).join(''))
      yield header('pax', records.length, 'x', '')
      yield records
      yield padding(records.length)
    }
    yield header(fits(name) ? name : 'pax', size < 8 ** 11 ? size : 0, type, fits(target) ? target : '')
    if (content.kind !== 'file') continue
    let came = 0
    for await (const piece of content.bytes) {
      came += piece.byteLength
      yield piece
    }
    if (came !== size) throw new SxError('block-malformed', 'a file has another size than it says')
    yield padding(size)
  }
  yield new Uint8Array(2 * BLOCK)
}

/** ASCII alone is the same to every reader of ustar. */
const fits = (text: string): boolean => /^[\x20-\x7e]{0,99}$/.test(text)

/** A pax record counts its own length, the digits of that number included. */
function record([key, value]: readonly [string, string]): string {
  const rest = ` ${key}=${value}\n`
  const size = Buffer.byteLength(rest)
  let length = size + String(size).length
  if (String(length).length > String(size).length) length = size + String(length).length
  return `${length}${rest}`
}

function header(name: string, size: number, type: string, target: string): Uint8Array {
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, length: number): void =>
    void block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  block.write(name, 0, 100, 'latin1')
  octal(type === '5' ? 0o755 : 0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  block.fill(0x20, 148, 156)
  block.write(type, 156, 'latin1')
  block.write(target, 157, 100, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}
