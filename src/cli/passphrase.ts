// A passphrase typed at a terminal, unseen; twice when a key is about to be locked with it.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { AppOptions } from '../app-port.ts'
import type { Output } from './io.ts'

type Question = Parameters<NonNullable<AppOptions['askPassphrase']>>[0]

/** undefined when nobody sits there, or nothing was typed. */
export async function askPassphrase(
  stdin: NodeJS.ReadStream,
  stderr: Output,
  { name, fresh }: Question,
): Promise<string | undefined> {
  if (stdin.isTTY !== true || stderr.isTTY !== true) return undefined
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  const ask = async (text: string): Promise<string> => {
    stderr.write(text)
    const lines = createInterface({ input: stdin, output: unseen, terminal: true })
    try {
      return await lines.question('')
    } finally {
      lines.close()
      stderr.write('\n')
    }
  }
  if (!fresh) return (await ask(`Passphrase of the key ${name}: `)) || undefined
  for (;;) {
    const first = await ask(`New passphrase for the key ${name}: `)
    if (first === '') return undefined
    if ((await ask('The same again: ')) === first) return first
    stderr.write('These two differ.\n')
  }
}
