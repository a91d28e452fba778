// A WebAssembly module of the source folder → its bytes as a block (or a file's blocks) and the node that describes it.
import { blockOf } from '../ipld/block.ts'
import { DAG_CBOR } from '../ipld/cid.ts'
import { encodeNode } from '../ipld/encode.ts'
import { readWasm } from '../ipld/wasm.ts'
import { Link } from '../lang/values.ts'
import type { Block, FileBuilder, Sha256 } from '../ports.ts'
import { placedAt } from './failed.ts'

/** Blocks of the module, its node last. Bytes of at most 1 MiB are one raw block. Throws 'wasm-invalid'. */
export const wasmBlocks = async (
  path: string,
  bytes: Uint8Array,
  files: FileBuilder,
  sha256: Sha256,
): Promise<readonly Block[]> => {
  try {
    const { imports, exports } = readWasm(bytes)
    const added = await files.addFile(bytes)
    const node = { kind: 'wasm', bytes: new Link(added.cid), size: bytes.length, imports, exports } as const
    return [...added.blocks, blockOf(encodeNode(node), DAG_CBOR, sha256)]
  } catch (error) {
    throw placedAt(error, { file: path, line: 1, column: 1, excerpt: '' })
  }
}
