// Components of other publishers, with the trust that the manifest says they have.
import { foreignComponents } from '../../runtime/foreign.ts'
import type { MakeExtension } from '../platform.ts'

export const extension: MakeExtension = ({ target }) => foreignComponents(id => target.foreign?.[id])
