// dag-cbor and dag-json for people: `Accept: text/html` shows what a block holds, its links to follow.
import { decode as decodeCbor } from '@ipld/dag-cbor'
import { decode as decodeJson } from '@ipld/dag-json'
import { CID } from 'multiformats/cid'
import { SxError } from '../../errors.ts'
import { DAG_JSON } from '../../ipld/any-cid.ts'
import { DAG_CBOR } from '../../ipld/cid.ts'
import { answer } from '../answer.ts'
import { noneMatch } from '../conditions.ts'
import { escapeHtml } from '../html.ts'
import type { Handler } from './handler.ts'
import { cacheControl, GENERATED } from './headers.ts'

const VERSION = '1'
/** Characters of a page's data, levels of its nesting. */
const MOST = 200_000
const DEEPEST = 100

export const dagPageHandler: Handler = {
  name: 'dag-page',
  canHandle: ({ wanted, resolved: { cid, rest } }) =>
    wanted.format === undefined &&
    wanted.html &&
    rest.length === 0 &&
    (cid.code === DAG_CBOR || cid.code === DAG_JSON),
  handle: ({ resolved: { cid, bytes }, common, seconds, header, mount }, { shell }) => {
    const tag = `DagIndex-${VERSION}_CID-${cid}`
    const own = { ...common, ETag: `"${tag}"`, 'Cache-Control': cacheControl(seconds, GENERATED) }
    if (noneMatch(header('if-none-match'), tag)) return answer(304, own)
    const host = mount.kind === 'subdomain' ? `//${mount.gateway}` : mount.kind === 'path' ? '' : undefined
    const page = shell.page(
      `${cid}`,
      `<p><span class="kind">${cid.code === DAG_CBOR ? 'dag-cbor' : 'dag-json'}</span></p>
<h1 class="cid">${cid}</h1>
<ul class="views"><li><a href="?format=${cid.code === DAG_CBOR ? 'dag-cbor' : 'dag-json'}">the block itself</a></li><li><a href="?format=car">CAR</a></li></ul>
<h2>Data</h2>
<pre><code>${shown(cid, bytes, host)}</code></pre>`,
    )
    return answer(
      200,
      { ...own, 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': shell.policy },
      page,
    )
  },
}

/** `host`: where `/ipfs/…` is; undefined: nowhere that this page knows. */
function shown(cid: CID, bytes: Uint8Array, host: string | undefined): string {
  let value: unknown
  try {
    value = cid.code === DAG_CBOR ? decodeCbor(bytes) : decodeJson(bytes)
  } catch (cause) {
    throw new SxError('block-malformed', `the block ${cid} is not what its codec says`, {}, cause)
  }
  let size = 0
  const out: string[] = []
  const put = (text: string): void => {
    size += text.length
    if (size <= MOST) out.push(text)
  }
  const write = (data: unknown, indent: string): void => {
    if (size > MOST) return
    const deeper = `${indent}  `
    const link = CID.asCID(data)
    if (link !== null)
      put(
        host === undefined ? `<b>${link}</b>` : `<a href="${escapeHtml(`${host}/ipfs/${link}`)}">${link}</a>`,
      )
    else if (indent.length > 2 * DEEPEST) put('…')
    else if (data instanceof Uint8Array) put(`<i>${data.length} bytes</i>`)
    else if (Array.isArray(data)) {
      put('[')
      for (const [i, item] of data.entries()) {
        put(`${i === 0 ? '' : ','}\n${deeper}`)
        write(item, deeper)
      }
      put(data.length === 0 ? ']' : `\n${indent}]`)
    } else if (typeof data === 'object' && data !== null) {
      const entries = Object.entries(data)
      put('{')
      for (const [i, [key, item]] of entries.entries()) {
        put(`${i === 0 ? '' : ','}\n${deeper}<span class="k">${escapeHtml(JSON.stringify(key))}</span>: `)
        write(item, deeper)
      }
      put(entries.length === 0 ? '}' : `\n${indent}}`)
    } else put(escapeHtml(typeof data === 'bigint' ? String(data) : (JSON.stringify(data) ?? 'null')))
  }
  write(value, '')
  return out.join('') + (size > MOST ? '\n… and more' : '')
}
