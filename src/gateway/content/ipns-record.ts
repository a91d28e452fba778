// IPNS records as they are, for those who check them by themselves (application/vnd.ipfs.ipns-record).
import { SxError } from '../../errors.ts'
import type { NameSystem, Sha256 } from '../../ports.ts'
import { type Answer, answer } from '../answer.ts'
import { noneMatch } from '../conditions.ts'
import { type Asked, contentPath, locationOf } from './asked.ts'
import { formats } from './format.ts'
import { cors, dispositionOf } from './headers.ts'

export function recordAnswer(asked: Asked, names: NameSystem, sha256: Sha256): Answer {
  if (asked.namespace !== 'ipns' || asked.segments.length > 0)
    throw new SxError('request-invalid', 'IPNS records are at /ipns/{name}, without a path')
  const { bytes, seconds } = names.record(asked.root)
  const tag = Buffer.from(sha256(bytes)).toString('hex', 0, 16)
  const own = {
    ...cors,
    'X-Content-Type-Options': 'nosniff',
    'X-Ipfs-Path': contentPath(asked),
    ETag: `"${tag}"`,
    'Cache-Control': `public, max-age=${seconds}`,
    'Content-Location': locationOf(asked),
    Vary: asked.query.has('format') ? undefined : 'Accept',
  }
  if (noneMatch(asked.header('if-none-match'), tag)) return answer(304, own)
  const name = names.canonical(asked.root) ?? asked.root
  return answer(
    200,
    {
      ...own,
      'Content-Type': formats['ipns-record'],
      'Content-Disposition': dispositionOf(asked, 'attachment', `${name}.ipns-record`),
    },
    bytes,
  )
}
