// One value of each kind, by which the classes of a runtime are known.
import { createRuntime } from '../../src/runtime/runtime.ts'
import { type BuiltPage, type BuiltSite, buildSite } from './built-site.ts'
import { type Kinds, kindsOf, samples } from './observe.ts'

/** A page that has one value of each kind, and its site. */
export const samplePage = (): { site: BuiltSite; page: BuiltPage } => {
  const site = buildSite({ 'main.sx': '(defcomp ~sample () 1)' }, [samples('~sample')])!
  return { site, page: site.pages[0]! }
}

export const kinds: Kinds = (() => {
  const { site, page } = samplePage()
  const runtime = createRuntime({ definitions: { find: cid => site.nodes.get(cid), load: async () => {} } })
  return kindsOf(runtime.evaluateSync(page.node.body))
})()
