// sx fmt: files formatted in place, looked at, or one text from standard input to standard output.
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { SxError } from '../../errors.ts'
import { count } from '../amounts.ts'
import type { Command } from '../command.ts'
import { exitStatusOf } from '../exit.ts'

export const run: Command = async ({ args, options, io, print }) => {
  if (options.stdin === true) {
    if (args.length > 0)
      throw new SxError('usage', '--stdin takes no files', { hint: 'sx fmt --stdin < a.sx' })
    const { format } = await import('../../lang/format.ts')
    const given = await text(io.stdin)
    const formatted = format(given, 'stdin')
    if (options.check === true) return formatted === given ? 0 : 1
    if (print.json) print.object({ text: formatted })
    else io.stdout.write(formatted)
    return 0
  }
  const { filesToFormat, formatFile } = await import('../../publish/format-files.ts')
  const at = (path: string): string => resolve(io.cwd, path)
  const paths = filesToFormat(args.length > 0 ? args : ['.'], at)
  const changed: string[] = []
  const failed: string[] = []
  let status = 0
  for (const path of paths) {
    if (io.signal.aborted) break
    const { outcome, error } = formatFile(path, at(path), options.check !== true)
    if (outcome === 'changed') changed.push(path)
    if (error !== undefined) {
      failed.push(path)
      await print.error(error)
      status = Math.max(status, exitStatusOf(error))
    }
  }
  print.object({ files: paths.length, changed, failed })
  if (changed.length > 0) print.text(changed.join('\n'))
  if (paths.length === 0) print.note('there is no .sx file here')
  else {
    const verb = options.check === true ? 'would change' : 'changed'
    const broken = failed.length > 0 ? `, ${count(failed.length, 'file')} can’t be read` : ''
    print.note(`${count(paths.length, 'file')}, ${changed.length} ${verb}${broken}`)
  }
  return status === 0 && options.check === true && changed.length > 0 ? 1 : status
}
