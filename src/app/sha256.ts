// SHA-256 of small blocks: node:crypto makes text three times as fast as it makes a Buffer.
import { hash } from 'node:crypto'
import type { Sha256 } from '../ports.ts'

export const sha256: Sha256 = bytes => {
  const text = hash('sha256', bytes, 'binary')
  const digest = new Uint8Array(32)
  for (let i = 0; i < 32; i++) digest[i] = text.charCodeAt(i)
  return digest
}
