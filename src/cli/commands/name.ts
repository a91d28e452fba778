// sx name: the publisher's name, renewed, resolved, and as a DNS record.
import { SxError } from '../../errors.ts'
import type { Command } from '../command.ts'

const dnsStatus = { set: 0, missing: 3, other: 4 } as const

export const run: Command = async ({ args, options, io, print, app }) => {
  const [action = 'show', what, ...more] = args
  const { names } = await app()
  const tell = (report: {
    readonly name: string
    readonly value: string
    readonly validUntil?: string
  }): void => {
    print.object(report)
    if (report.validUntil !== undefined) print.note(`holds until ${report.validUntil}`)
    print.text(action === 'resolve' ? report.value : `/ipns/${report.name}  ${report.value}`)
  }
  if (action === 'show' && what === undefined) tell(await names.show(io.cwd))
  else if (action === 'renew' && what === undefined) tell(await names.renew(io.cwd))
  else if (action === 'resolve' && what !== undefined && more.length === 0)
    tell(
      await names.resolve(what.replace(/^\/ipns\//, ''), {
        ...(typeof options.from === 'string' && { from: options.from }),
        signal: io.signal,
      }),
    )
  else if (action === 'dnslink' && what !== undefined && more.length === 0) {
    const report = await names.dnslink(what, io.cwd)
    print.object(report)
    print.text(`${report.record}. TXT "${report.wanted}"`)
    print.note(
      report.state === 'set'
        ? 'the DNS says so'
        : report.state === 'missing'
          ? 'the DNS has no such record yet: make it where the domain is kept'
          : `the DNS has another one: ${report.found.join(', ')}`,
    )
    return dnsStatus[report.state]
  } else
    throw new SxError('usage', `sx name can't do ${JSON.stringify(args.join(' '))}`, {
      hint: 'sx name | renew | resolve <name|domain> | dnslink <domain>',
    })
  return 0
}
