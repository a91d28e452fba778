// Content types by a file's ending: what sites are made of. Anything else is a download.

/** ending → [type, worth compressing] */
const types: Readonly<Record<string, readonly [type: string, compress: boolean]>> = {
  html: ['text/html; charset=utf-8', true],
  css: ['text/css; charset=utf-8', true],
  js: ['text/javascript; charset=utf-8', true],
  mjs: ['text/javascript; charset=utf-8', true],
  json: ['application/json', true],
  map: ['application/json', true],
  webmanifest: ['application/manifest+json', true],
  xml: ['application/xml', true],
  rss: ['application/rss+xml', true],
  atom: ['application/atom+xml', true],
  txt: ['text/plain; charset=utf-8', true],
  md: ['text/markdown; charset=utf-8', true],
  sx: ['text/sx; charset=utf-8', true],
  csv: ['text/csv; charset=utf-8', true],
  ics: ['text/calendar; charset=utf-8', true],
  vtt: ['text/vtt; charset=utf-8', true],
  svg: ['image/svg+xml', true],
  ico: ['image/x-icon', true],
  png: ['image/png', false],
  jpg: ['image/jpeg', false],
  jpeg: ['image/jpeg', false],
  gif: ['image/gif', false],
  webp: ['image/webp', false],
  avif: ['image/avif', false],
  woff: ['font/woff', false],
  woff2: ['font/woff2', false],
  ttf: ['font/ttf', true],
  otf: ['font/otf', true],
  wasm: ['application/wasm', true],
  pdf: ['application/pdf', false],
  mp3: ['audio/mpeg', false],
  m4a: ['audio/mp4', false],
  ogg: ['audio/ogg', false],
  opus: ['audio/ogg', false],
  wav: ['audio/wav', false],
  flac: ['audio/flac', false],
  mp4: ['video/mp4', false],
  webm: ['video/webm', false],
  zip: ['application/zip', false],
  gz: ['application/gzip', false],
  car: ['application/vnd.ipld.car', false],
  cbor: ['application/cbor', false],
}

export function contentTypeOf(name: string): { readonly type: string; readonly compress: boolean } {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  const row = name.includes('.') && Object.hasOwn(types, ending) ? types[ending] : undefined
  return { type: row?.[0] ?? 'application/octet-stream', compress: row?.[1] ?? false }
}
