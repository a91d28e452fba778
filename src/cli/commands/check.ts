// sx check: findings with carets, or one object; exit status 1 with errors.
import { resolve } from 'node:path'
import { count } from '../amounts.ts'
import type { Command } from '../command.ts'
import { plainFinding, showFinding } from '../findings.ts'

export const run: Command = async ({ args, options, io, print, app }) => {
  const report = await (await app()).check(resolve(io.cwd, args[0] ?? '.'), {
    strict: options.strict === true,
  })
  const { errors, warnings, files, definitions, ms } = report
  print.object({
    errors: errors.map(plainFinding),
    warnings: warnings.map(plainFinding),
    files,
    definitions,
    ms,
  })
  if (!print.json) {
    for (const one of warnings) print.text(`${print.style('yellow', 'warning')} ${await showFinding(one)}`)
    for (const one of errors) print.text(`${print.style('red', 'error')} ${await showFinding(one)}`)
    const found =
      errors.length + warnings.length === 0
        ? print.style('green', 'nothing to mend')
        : `${count(errors.length, 'error')}, ${count(warnings.length, 'warning')}`
    print.note(
      `${found} · ${count(definitions, 'definition')} of ${count(files, 'file')} · ${Math.round(ms)} ms`,
    )
  }
  return errors.length > 0 ? 1 : 0
}
