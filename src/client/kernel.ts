// The kernel's entry: blocks → nodes, and the evaluator's core. What the platform needs at run time comes from here as an
// argument and never by import, so that each class exists once in the page. (The build adds what modules/ share with it.)
export { readNode as decodeNode } from '../ipld/read-node.ts'
export { createCore } from '../runtime/core.ts'

export type Kernel = typeof import('./kernel.ts')
