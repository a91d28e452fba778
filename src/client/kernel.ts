// The kernel's entry: blocks → nodes, and the evaluator. What the platform needs at run time comes from here as an
// argument and never by import, so that each class exists once in the page.
export { decodeNode } from '../ipld/decode.ts'
export { createRuntime } from '../runtime/runtime.ts'
export { relativeTo } from '../runtime/url.ts'

export type Kernel = typeof import('./kernel.ts')
