#!/usr/bin/env node
// The program `sx`: checks Node's version before anything else is loaded, then runs one command.
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  const { runUnderLentNode } = await import('./older-node.ts')
  process.exitCode = await runUnderLentNode(
    process.versions.node,
    process.argv[1] ?? '',
    process.argv.slice(2),
  )
} else {
  // compiled code is kept in the system's folder for temporary files: the second start is faster (NODE_DISABLE_COMPILE_CACHE=1 turns it off)
  const { enableCompileCache } = await import('node:module')
  enableCompileCache()
  const { start } = await import('./process.ts')
  await start()
}
