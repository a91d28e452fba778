// sx rollback: the root of an earlier release, released anew.

import type { Command } from '../command.ts'
import { wholeNumber } from '../whole-number.ts'
import { receive } from './publish.ts'

export const run: Command = async call => {
  const [number] = call.args
  const to = number === undefined ? undefined : wholeNumber('number', number, 1, 999_999_999)
  return receive(call, async options => (await call.app()).rollback(call.io.cwd, to, options))
}
