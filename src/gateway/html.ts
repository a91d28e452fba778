// The gateway's own pages: one shell, one style sheet, no script. Their policy lets nothing but that style sheet in.
import type { Sha256 } from '../ports.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, c => entities[c]!)

const style = `
:root{color-scheme:light dark;--paper:light-dark(#fdfcfa,#16171a);--ink:light-dark(#22242a,#e4e4e0);--soft:light-dark(#6a6d76,#9a9da6);--line:light-dark(#e4e1da,#2c2e34);--panel:light-dark(#f5f2ec,#1d1f24);--link:light-dark(#a3264b,#f08fa9);--str:light-dark(#33703a,#9ccb94);--key:light-dark(#8a5a00,#dcb46a);--head:light-dark(#22519c,#8fb4f2)}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,sans-serif}
main{max-width:64rem;margin:0 auto;padding:clamp(1.25rem,4vw,3.5rem) clamp(1rem,4vw,2rem) 4rem}
h1{font-size:clamp(1.4rem,4vw,2rem);line-height:1.2;margin:.4rem 0 .3rem;overflow-wrap:anywhere;letter-spacing:-.01em}
h2{font-size:.8rem;text-transform:uppercase;letter-spacing:.08em;color:var(--soft);margin:2.2rem 0 .6rem;font-weight:600}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:.18em}
a:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
p{max-width:42rem;margin:.5rem 0}
code,pre,.cid{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.86rem}
.kind{display:inline-block;font-size:.75rem;font-weight:600;padding:.1rem .55rem;border:1px solid var(--line);border-radius:99px;background:var(--panel);color:var(--soft)}
.cid{color:var(--soft);overflow-wrap:anywhere;user-select:all}
.soft{color:var(--soft)}
pre{margin:0;padding:1rem 1.1rem;background:var(--panel);border:1px solid var(--line);border-radius:.6rem;overflow-x:auto;line-height:1.6;tab-size:2}
pre .s{color:var(--str)}pre .k{color:var(--key)}pre .h{color:var(--head)}pre .c{color:var(--soft);font-style:italic}
ul.views{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin:.8rem 0 0;padding:0;font-size:.92rem}
table{border-collapse:collapse;width:100%;font-size:.92rem}
td{padding:.4rem .8rem .4rem 0;border-top:1px solid var(--line);vertical-align:baseline}
tr:last-child td{border-bottom:1px solid var(--line)}
td:first-child{overflow-wrap:anywhere}
td.n{text-align:right;padding-right:0;font-variant-numeric:tabular-nums;white-space:nowrap;color:var(--soft)}
.big{font-size:clamp(3rem,12vw,5.5rem);font-weight:700;line-height:1;letter-spacing:-.04em;color:var(--line);margin:0}
`

export interface Shell {
  page(title: string, body: string): string
  /** the Content-Security-Policy of every page that it makes */
  readonly policy: string
}

export function createShell(sha256: Sha256): Shell {
  const hash = Buffer.from(sha256(new TextEncoder().encode(style))).toString('base64')
  return {
    policy: `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    page: (title, body) =>
      `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><link rel="icon" href="data:,"><style>${style}</style></head>\n<body><main>\n${body}\n</main></body>\n</html>\n`,
  }
}
