// A WebAssembly module of the source folder → the node that describes it, and what libraries can import of it.
import { blockOf } from '../ipld/block.ts'
import { cidOf, DAG_CBOR, RAW } from '../ipld/cid.ts'
import { encodeNode } from '../ipld/encode.ts'
import type { SiteModule } from '../ipld/graph.ts'
import type { WasmNode } from '../ipld/kinds.ts'
import { isExportName } from '../ipld/node.ts'
import { readWasm, whyNotCalled } from '../ipld/wasm.ts'
import { Link } from '../lang/values.ts'
import type { Block, FileBuilder, Sha256 } from '../ports.ts'
import { placedAt } from './failed.ts'

export interface WasmModule {
  readonly node: WasmNode
  readonly block: Block
  readonly module: SiteModule
}

const moduleOf = (bytes: Uint8Array, at: string, sha256: Sha256): WasmModule => {
  const shape = readWasm(bytes)
  const { imports, exports } = shape
  const node: WasmNode = { kind: 'wasm', bytes: new Link(at), size: bytes.length, imports, exports }
  const block = blockOf(encodeNode(node), DAG_CBOR, sha256)
  const callable = exports.filter(port => port.params && port.results!.length < 2 && isExportName(port.name))
  return {
    node,
    block,
    module: {
      cid: block.cid,
      exports: callable.map(port => port.name),
      unusable: whyNotCalled(shape, bytes.length),
    },
  }
}

const placed = (path: string, error: unknown): unknown =>
  placedAt(error, { file: path, line: 1, column: 1, excerpt: '' })

/** With the blocks of its bytes: one raw block, or a file's where they are more than 1 MiB. Throws 'wasm-invalid'. */
export const storedModule = async (
  path: string,
  bytes: Uint8Array,
  files: FileBuilder,
  sha256: Sha256,
): Promise<WasmModule & { readonly blocks: readonly Block[] }> => {
  try {
    const { cid, blocks } = await files.addFile(bytes)
    const made = moduleOf(bytes, cid, sha256)
    return { ...made, blocks: [...blocks, made.block] }
  } catch (error) {
    throw placed(path, error)
  }
}

/** For tools that store nothing: whatever its size, its bytes are taken for one block. Throws 'wasm-invalid'. */
export const unstoredModule = (path: string, bytes: Uint8Array, sha256: Sha256): WasmModule => {
  try {
    return moduleOf(bytes, cidOf(RAW, sha256(bytes)), sha256)
  } catch (error) {
    throw placed(path, error)
  }
}
