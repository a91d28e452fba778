// Host words in a browser: time and address from the browser, queries from the site's files or its server.
import { type HostIo, hostWords } from '../../runtime/host-io.ts'
import { toJson } from '../../runtime/json.ts'

const read = async (url: string, init: RequestInit): Promise<unknown> => {
  const answer = await fetch(url, init)
  if (!answer.ok) throw Error(`${answer.status}`)
  return answer.json()
}

/** As in `(query "posts" :tag "x")`, or with a dict. */
const argumentsOf = (args: readonly unknown[]): Map<string, unknown> => {
  if (args[0] instanceof Map) return args[0]
  const all = new Map<string, unknown>()
  for (let i = 0; i + 1 < args.length; i += 2) all.set(String(args[i]), args[i + 1])
  return all
}

const host: HostIo = {
  now: () => Date.now(),
  'request-arg': ([name, other]) => new URLSearchParams(location.search).get(String(name)) ?? other,
  'request-path': () => location.pathname,
  'request-method': () => 'GET',
  query: async ([name, ...args], signal, url) => {
    const given = argumentsOf(args)
    if (!given.size) {
      const answer = await fetch(url(`/data/${name}.json`), { signal })
      if (answer.ok) return answer.json()
    }
    const search = new URLSearchParams()
    for (const [key, v] of given) search.set(key, typeof v === 'string' ? v : toJson(v)!)
    return read(url(`/sx/q/${name}?${search}`), { signal })
  },
  action: ([name, ...args], signal, url) =>
    read(url(`/sx/a/${name}`), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: toJson(argumentsOf(args))!,
      signal,
    }),
  'csrf-token': async (_args, signal, url) =>
    ((await read(url('/sx/csrf'), { signal })) as { token: string }).token,
}

export const extension = hostWords(host)
