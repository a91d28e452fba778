// The table of commands: what `--help` says, which options each takes, and where its code is. Each is loaded when called.
import type { CommandRow, OptionRow } from './command.ts'

export const globalOptions = {
  help: { type: 'boolean', short: 'h', says: 'this text, or a command’s own with examples' },
  version: { type: 'boolean', short: 'V', says: 'the version' },
  store: { type: 'string', value: '<file>', says: 'where blocks are kept (or the variable SX_STORE)' },
  json: {
    type: 'boolean',
    says: 'one JSON object on standard output, errors as JSON lines on standard error',
  },
} as const satisfies Record<string, OptionRow>

const port: OptionRow = {
  type: 'string',
  short: 'p',
  value: '<number>',
  says: 'port; 0 takes any that is free (8080)',
}
const host: OptionRow = {
  type: 'string',
  value: '<address>',
  says: 'address to listen on (127.0.0.1: this machine only)',
}

export const commands = {
  init: {
    usage: 'sx init [dir]',
    says: 'write a small site to start from',
    more: ['Makes the folder when it is missing. Never overwrites a file.'],
    takes: [0, 1],
    options: {},
    examples: [['sx init my-site && cd my-site && sx dev', 'start, and see each change at once']],
    load: () => import('./commands/init.ts'),
  },
  build: {
    usage: 'sx build [dir]',
    says: 'turn sources into a stored, pinned root',
    more: [
      'Reads every .sx file of the folder (or of sx.config.json’s "source"), writes each definition as one',
      'block, renders the pages, and pins the result. The same sources give the same root on every machine.',
    ],
    takes: [0, 1],
    options: {},
    examples: [
      ['sx build', 'the current folder'],
      ['sx build site --json | jq -r .root', 'the root’s CID, for a script'],
    ],
    load: () => import('./commands/build.ts'),
  },
  serve: {
    usage: 'sx serve [dir|root]',
    says: 'build a folder, or take a stored root, and serve it',
    more: [
      'Pages are at their own paths, definitions at /sx/h/<cid>. A later `sx build` of the same folder',
      'shows at once. Ends on Ctrl-C, after the requests under way.',
    ],
    takes: [0, 1],
    options: { port, host, log: { type: 'boolean', says: 'one JSON line per request on standard error' } },
    examples: [
      ['sx serve', 'the current folder on http://127.0.0.1:8080/'],
      ['sx serve bafyrei… --port 0', 'a root that the store has, on any free port'],
    ],
    load: () => import('./commands/serve.ts'),
  },
  dev: {
    usage: 'sx dev [dir]',
    says: 'serve, rebuild on each change, reload the browser',
    more: ['An error shows in the browser over the page, with its line and a caret, until it is mended.'],
    takes: [0, 1],
    options: { port, host },
    examples: [['sx dev', 'the current folder on http://127.0.0.1:8080/']],
    load: () => import('./commands/dev.ts'),
  },
  inspect: {
    usage: 'sx inspect <cid|name|file>',
    says: 'show a definition, its code and its graph',
    more: ['A name is looked up in the newest root of the current folder’s site, else of the store.'],
    takes: [1, 1],
    options: {
      as: {
        type: 'string',
        value: '<view>',
        choices: ['sx', 'dag-json', 'deps', 'dependents', 'tree'],
        says: 'sx · dag-json · deps (what it uses) · dependents (what uses it) · tree',
      },
      dir: { type: 'string', value: '<folder>', says: 'whose site names are looked up in' },
      depth: { type: 'string', value: '<number>', says: 'levels of a tree (8)' },
    },
    examples: [
      ["sx inspect '~card'", 'everything about one component'],
      ['sx inspect bafyrei… --as tree', 'what it is made of, all the way down'],
      ["sx inspect '~card' --as dependents", 'what changes when it changes'],
    ],
    load: () => import('./commands/inspect.ts'),
  },
} as const satisfies Record<string, CommandRow>

export type CommandName = keyof typeof commands
export const isCommandName = (name: string): name is CommandName => Object.hasOwn(commands, name)
