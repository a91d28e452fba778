// Bytecode of libraries in a browser: what the manifest names for them, where it has come.
import { bytecode } from '../../runtime/bytecode.ts'
import type { MakeExtension } from '../platform.ts'

export const extension: MakeExtension = ({ manifest, definitions }) =>
  bytecode({
    of(library) {
      const cid = manifest.bytecode?.[library]
      return cid ? { cid, node: definitions.find(cid) } : undefined
    },
    tell: (cid, why) => console.error(`sx: passed over bytecode ${cid}: ${why}`),
  })
