// A site that was published: served by its own address and gateway, and exported to a folder of a static host.
import { openApp } from '../../src/app.ts'
import type { Receipt, Serving } from '../../src/app-port.ts'
import { jsonIn, runnerIn } from './in-process.ts'
import { createSandbox } from './sandbox.ts'
import { type StaticServer, startStaticServer } from './static-server.ts'

export interface Published {
  readonly serving: Serving
  readonly receipt: Receipt
  readonly host: StaticServer
  stop(): Promise<void>
}

/** `prefix`: where the static host has it. */
export const publishSite = async (
  files: Readonly<Record<string, string>>,
  prefix = '/',
): Promise<Published> => {
  const sandbox = createSandbox()
  const folder = sandbox.write('site', files)
  const told = jsonIn(runnerIn(sandbox), folder)
  const app = await openApp({ store: sandbox.store, cwd: folder, report: () => {} })
  const serving = await app.serve({ dir: folder, port: 0, host: '127.0.0.1' })
  const receipt: Receipt = await told(['publish'])
  await told(['export', `${sandbox.path('out')}/`])
  const host = await startStaticServer(sandbox.path('out'), prefix)
  return {
    serving,
    receipt,
    host,
    stop: async () => {
      await host.stop()
      await serving.stop()
      await app.close()
      await sandbox.stop()
    },
  }
}
