// WebAssembly in a browser: a module's blocks by CID, each verified before any byte of it goes to the compiler, which works
// while the rest still arrives; kept in the Cache API, and verified again when they come from there.
import type { WasmNode } from '../../ipld/kinds.ts'
import { type Compile, wasm } from '../../runtime/wasm.ts'
import type { MakeExtension } from '../platform.ts'
import { type CacheTier, createCacheTier } from '../tiers/cache.ts'
import type { Tier } from '../tiers/tier.ts'
import { leavesOf } from '../unixfs-leaves.ts'

const RAW = /^bafkrei/

export const extension: MakeExtension = ({ resolver }) => {
  const tiers: Tier[] = resolver.tiers
  // The core may be made anew, with more modules.
  if (!tiers.some(tier => tier.name === 'cache')) tiers.unshift(createCacheTier(() => caches))
  const { wanted } = tiers.find(tier => tier.name === 'cache') as CacheTier
  const get = async (cid: string): Promise<Uint8Array<ArrayBuffer>> => {
    wanted.add(cid)
    return (await resolver.get(cid)).bytes
  }

  const load = async ({ bytes: { cid }, size }: WasmNode): Promise<WebAssembly.Module> => {
    const leaves = RAW.test(cid) ? [cid] : leavesOf(await get(cid))
    const blocks = leaves.map(get)
    // Those that nobody comes to wait for, after one that failed.
    for (const block of blocks) block.catch(() => {})
    let left = size
    const stream = new ReadableStream<Uint8Array>({
      async pull(to) {
        const block = blocks.shift()
        if (!block) {
          if (left) throw Error(`${cid} is not of ${size} bytes`)
          return to.close()
        }
        const bytes = await block
        left -= bytes.length
        to.enqueue(bytes)
      },
    })
    return WebAssembly.compileStreaming(
      new Response(stream, { headers: { 'content-type': 'application/wasm' } }),
    )
  }

  const modules = new Map<string, ReturnType<Compile>>()
  return wasm(node => {
    const { cid } = node.bytes
    if (!modules.has(cid))
      modules.set(
        cid,
        load(node).then(
          module => {
            modules.set(cid, module)
            return module
          },
          error => {
            // Asked again, it is fetched again.
            modules.delete(cid)
            throw error
          },
        ),
      )
    return modules.get(cid)!
  })
}
