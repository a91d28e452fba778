// sha2-256 by Node, as the composition root hands it in; apart from support.ts, for programs that run without Vitest.
import { hash } from 'node:crypto'

export const nodeSha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')
