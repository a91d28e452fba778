// One file in multipart/form-data, as a stream: what Kubo and Cluster take a CAR in (RFC 7578).
import { ReadableStream } from 'node:stream/web'

const BOUNDARY = 'sx-car-5f1c0e7d9a'

export const multipartHeaders = { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` }

export const multipartBody = (file: AsyncIterable<Uint8Array>): BodyInit =>
  // Node's own class, which the DOM's types do not know
  ReadableStream.from(
    (async function* () {
      yield Buffer.from(
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="release.car"\r\nContent-Type: application/octet-stream\r\n\r\n`,
      )
      yield* file
      yield Buffer.from(`\r\n--${BOUNDARY}--\r\n`)
    })(),
  ) as unknown as BodyInit
