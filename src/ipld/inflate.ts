// Streams and gzip → bytes, within bounds that hold while they come: a bomb ends at the limit. It goes to the browser.

/** Rejects beyond `limit` bytes. */
export const readStream = async (
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> => {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  // A Blob would join them too, by a detour through the rest of the browser.
  const joined = (): Uint8Array<ArrayBuffer> => {
    const all = new Uint8Array(length)
    for (const part of parts.reverse()) all.set(part, (length -= part.length))
    return all
  }
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return joined()
    parts.push(value)
    length += value.length
    if (length > limit) {
      void reader.cancel()
      throw Error('too long')
    }
  }
}

/** Rejects beyond `limit` bytes, and for what is not one whole gzip member and nothing else. */
export const inflate = (bytes: Uint8Array<ArrayBuffer>, limit: number): Promise<Uint8Array<ArrayBuffer>> =>
  readStream(new Response(bytes).body!.pipeThrough(new DecompressionStream('gzip')), limit)
