// The kernel's entry: blocks → nodes, and the evaluator's core. What the platform needs at run time comes from here as an
// argument and never by import, so that each class exists once in the page. (The build adds what modules/ share with it.)
export { openPacks } from '../ipld/pack.ts'
export { readNode as decodeNode } from '../ipld/read-node.ts'
export { createCore } from '../runtime/core.ts'
export { hydrate } from '../runtime/hydrate.ts'
export { handle } from '../runtime/live-element.ts'
export { reviveDict } from '../runtime/revive.ts'
export { relativeTo } from '../runtime/url.ts'

export type Kernel = typeof import('./kernel.ts')
