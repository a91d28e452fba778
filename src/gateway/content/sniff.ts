// The type of a file without a telling name, by how it begins (https://mimesniff.spec.whatwg.org/, the part that gateways need).

/** So many bytes are looked at. */
export const SNIFFED = 3072

/** bytes as hexadecimal digits (`..` any one), from the first on → type; the first that fits */
const magic: readonly (readonly [start: string, type: string])[] = [
  ['89504e470d0a1a0a', 'image/png'],
  ['ffd8ff', 'image/jpeg'],
  ['474946383761', 'image/gif'],
  ['474946383961', 'image/gif'],
  ['52494646........57454250', 'image/webp'],
  ['52494646........57415645', 'audio/wav'],
  ['........6674797061766966', 'image/avif'],
  ['........66747970', 'video/mp4'],
  ['00000100', 'image/x-icon'],
  ['255044462d', 'application/pdf'],
  ['0061736d', 'application/wasm'],
  ['504b0304', 'application/zip'],
  ['1f8b', 'application/gzip'],
  ['4f676753', 'audio/ogg'],
  ['664c6143', 'audio/flac'],
  ['494433', 'audio/mpeg'],
  ['1a45dfa3', 'video/webm'],
  ['774f4632', 'font/woff2'],
  ['774f4646', 'font/woff'],
]

/** `whole`: `first` is all of the file. */
export function sniff(first: Uint8Array, whole: boolean): string {
  const bytes = Buffer.from(first.buffer, first.byteOffset, Math.min(first.byteLength, SNIFFED))
  const hex = bytes.toString('hex', 0, 16)
  for (const [start, type] of magic)
    if ([...start].every((digit, i) => digit === '.' || digit === hex[i])) return type
  const all = whole && bytes.length === first.byteLength
  const text = textOf(bytes, all)
  if (text === undefined) return 'application/octet-stream'
  const { start, xml } = withoutProlog(text)
  if (/^<(?:!doctype\s+html|html|head|body|script|iframe|title)[\s>]/i.test(start))
    return 'text/html; charset=utf-8'
  if (/^<svg[\s>]/i.test(start)) return 'image/svg+xml'
  if (xml) return 'application/xml'
  return isJson(start, all) ? 'application/json' : 'text/plain; charset=utf-8'
}

function textOf(bytes: Uint8Array, all: boolean): string | undefined {
  try {
    // a character may be cut where the look ends
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !all })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: text has none of them
    return /[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f]/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

/** What follows white space, comments, an XML declaration and an SVG doctype. */
function withoutProlog(text: string): { start: string; xml: boolean } {
  let start = text.trimStart()
  let xml = false
  for (;;) {
    const end = start.startsWith('<!--')
      ? start.indexOf('-->') + 3
      : start.startsWith('<?xml') || /^<!doctype\s+svg/i.test(start)
        ? start.indexOf('>') + 1
        : 0
    if (end < 4) return { start, xml }
    xml ||= start.startsWith('<?xml')
    start = start.slice(end).trimStart()
  }
}

function isJson(start: string, all: boolean): boolean {
  if (!/^[[{]/.test(start)) return false
  if (!all) return /^[[{]\s*(?:["{[\]}]|-?\d|true|false|null)/.test(start)
  try {
    JSON.parse(start)
    return true
  } catch {
    return false
  }
}
