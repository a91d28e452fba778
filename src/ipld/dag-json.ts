// Plain IPLD data as DAG-JSON text (https://ipld.io/specs/codecs/dag-json/spec/), as @ipld/dag-json writes it: that
// library and what it stands on take 12 ms to load, which is a third of a command's life.
import { Link } from '../lang/values.ts'
import { type Data, decodeData } from './data.ts'

const base64 = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text).replace(/=+$/, '')
}

const write = (data: Data): string => {
  if (data instanceof Link) return `{"/":${JSON.stringify(data.cid)}}`
  if (data instanceof Uint8Array) return `{"/":{"bytes":"${base64(data)}"}}`
  if (Array.isArray(data)) return `[${(data as readonly Data[]).map(write).join(',')}]`
  if (data instanceof Map)
    return `{${[...(data as ReadonlyMap<string, Data>)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${JSON.stringify(key)}:${write(value)}`)
      .join(',')}}`
  // what is left is null, a boolean, a text, a safe integer or a fraction
  return JSON.stringify(data)
}

/** Throws 'block-malformed' for what is no canonical dag-cbor of this format, or 'block-too-large'. */
export const dagJson = (block: Uint8Array): string => write(decodeData(block))
