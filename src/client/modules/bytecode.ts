// Bytecode of libraries in a browser: what the manifest names for them, where the library itself is not here already.
import { bytecode } from '../../runtime/bytecode.ts'
import type { MakeExtension } from '../platform.ts'

export const extension: MakeExtension = ({ manifest, definitions }) =>
  bytecode({
    of(library) {
      const cid = manifest.bytecode?.[library]
      return cid && !definitions.find(library) ? { cid, node: definitions.find(cid) } : undefined
    },
    tell: (cid, why) => console.error(`sx: passed over bytecode ${cid}: ${why}`),
  })
