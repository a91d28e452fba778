// A difference as a page to keep or to send: no script, nothing loaded.
import type { Diff, Difference } from './diff.ts'

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, c => entities[c]!)

const style = `body{font:1rem/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}
pre{background:#f6f6f6;padding:.75rem;overflow:auto}ins{background:#dfd;text-decoration:none}del{background:#fdd;text-decoration:none}
.breaking{color:#a00}.additive{color:#060}h2{margin-top:2rem}code{overflow-wrap:anywhere}`

const lines = (text: string): string =>
  text
    .split('\n')
    .map(line =>
      line.startsWith('+')
        ? `<ins>${escaped(line)}</ins>`
        : line.startsWith('-')
          ? `<del>${escaped(line)}</del>`
          : escaped(line),
    )
    .join('\n')

const one = ({ name, kind, change, from, compatibility, notices = [], text }: Difference): string =>
  `<section><h3><code>${escaped(name)}</code> <small>${kind}, ${change}${from === undefined ? '' : ` from <code>${escaped(from)}</code>`}${
    compatibility === undefined ? '' : `, <span class="${compatibility}">${compatibility}</span>`
  }</small></h3>${notices.length === 0 ? '' : `<ul>${notices.map(notice => `<li>${escaped(notice)}</li>`).join('')}</ul>`}${
    text === undefined ? '' : `<pre>${lines(text)}</pre>`
  }</section>`

export const diffHtml = (
  before: string,
  after: string,
  { definitions, pages, compatibility }: Diff,
): string =>
  `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>What changed</title><style>${style}</style></head>
<body><h1>What changed</h1><p>from <code>${escaped(before)}</code><br>to <code>${escaped(after)}</code></p>
<p>${definitions.length} definitions, ${pages.length} pages${compatibility === undefined ? '' : `, <strong class="${compatibility}">${compatibility}</strong>`}</p>
<h2>Definitions</h2>${definitions.map(one).join('\n')}
<h2>Pages</h2>${pages.map(one).join('\n')}
</body></html>
`
