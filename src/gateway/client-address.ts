// Who asks, for limits: the address of the connection, or what a proxy of the owner's says of it.

/** The first four groups of an IPv6 address, which one customer has to himself; an IPv4 address as it is. */
const network = (address: string): string => {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!plain.includes(':')) return plain
  const [before = '', after] = plain.split('::', 2)
  const groups = before === '' ? [] : before.split(':')
  if (after !== undefined) {
    const rest = after === '' ? [] : after.split(':')
    groups.push(...new Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill('0'), ...rest)
  }
  return groups
    .slice(0, 4)
    .map(group => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')
}

/**
 * `forwarded`: a proxy of the owner's is in front, and its own entry is the last of `X-Forwarded-For`: those before it are
 * whatever the client liked to send.
 */
export const clientOf = (
  remoteAddress: string | undefined,
  forwardedFor: string | undefined,
  forwarded: boolean,
): string => {
  const told = forwarded ? forwardedFor?.split(',').at(-1)?.trim() : undefined
  return network(told || (remoteAddress ?? ''))
}
