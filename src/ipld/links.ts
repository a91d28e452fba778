// What a block refers to.
import { Link } from '../lang/values.ts'
import { type Reader, readBlock } from './reader.ts'

const collect = (reader: Reader, found: Set<string>): void => {
  const major = reader.peek()
  if (major < 2) reader.int()
  else if (major === 2) reader.bytes()
  else if (major === 3) reader.skipText()
  else if (major === 4) {
    for (let left = reader.open(4); left > 0; left--) collect(reader, found)
    reader.close()
  } else if (major === 5) {
    for (let left = reader.open(5); left > 0; left--) {
      reader.skipText()
      collect(reader, found)
    }
    reader.close()
  } else if (major === 6) found.add(reader.link().cid)
  else reader.simple()
}

/**
 * The CIDs that any dag-cbor block links to, each once, in the order in which they first stand in its bytes. For
 * verified blocks: it follows their structure (and throws 'block-malformed' where there is none) but judges no text.
 */
export const linksIn = (bytes: Uint8Array): readonly string[] => {
  const found = new Set<string>()
  readBlock(bytes, reader => collect(reader, found))
  return [...found]
}

/** Links of these CIDs. */
export const linksTo = (cids: readonly string[]): Link[] => cids.map(cid => new Link(cid))
