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
const strict: OptionRow = {
  type: 'boolean',
  says: 'arguments must have the type that their parameter declares (or "strict" in sx.config.json)',
}
const host: OptionRow = {
  type: 'string',
  value: '<address>',
  says: 'address to listen on (127.0.0.1: this machine only)',
}

const delivery = {
  to: {
    type: 'string',
    value: '<names>',
    says: 'only these targets, with commas between; local is this machine alone',
  },
  full: { type: 'boolean', says: 'fetch every block back, not a sample' },
} as const satisfies Record<string, OptionRow>

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
      'Pages are at their own paths, definitions at /sx/h/<cid>, content of the store at /ipfs/<cid> and /ipns/<name>',
      '(docs/gateway.md). A later `sx build` of the same folder shows at once. Ends on Ctrl-C, after the requests under way.',
    ],
    takes: [0, 1],
    options: {
      port,
      host,
      log: { type: 'boolean', says: 'one JSON line per request on standard error' },
      'content-only': { type: 'boolean', says: 'no site: an IPFS gateway over the store' },
      hosts: {
        type: 'string',
        value: '<name=mode,…>',
        says: 'what a host means: path, subdomain, trustless, dnslink or site (localhost=subdomain)',
      },
      dnslink: { type: 'boolean', says: 'hosts that are not named show what their DNSLink leads to' },
      forwarded: { type: 'boolean', says: 'believe X-Forwarded-Host, -Proto and -For of a proxy in front' },
      fetch: {
        type: 'string',
        value: '<origins>',
        says: 'trustless gateways to fetch missing blocks from (none: only what the store has)',
      },
      deny: {
        type: 'string',
        value: '<files>',
        says: 'denylists in the compact format, read anew when they change',
      },
      p2p: { type: 'boolean', says: 'offer what is pinned to peers on libp2p, by bitswap' },
      'p2p-listen': {
        type: 'string',
        value: '<multiaddrs>',
        says: 'where peers connect (this machine only, TCP and WebSocket, any port)',
      },
      'p2p-peer': {
        type: 'string',
        value: '<multiaddrs>',
        says: 'peers to stay connected with, and to fetch missing blocks from',
      },
      'p2p-dht': {
        type: 'string',
        value: '<scope>',
        choices: ['off', 'lan', 'public'],
        says: 'the DHT to be in, by the peers of --p2p-peer: lan, or public, which is IPFS’s (off)',
      },
      'p2p-announce': { type: 'boolean', says: 'tell the DHT which roots are pinned here' },
      'per-minute': {
        type: 'string',
        value: '<number>',
        says: 'requests for content from one address (0: any number)',
      },
      'runs-per-minute': {
        type: 'string',
        value: '<number>',
        says: 'queries, actions and handlers run for one address (300; 0: any number)',
      },
    },
    examples: [
      ['sx serve', 'the current folder on http://127.0.0.1:8080/'],
      ['sx serve --content-only', 'all that the store has, at /ipfs/<cid> and /ipns/<name>'],
      ['sx serve --hosts ipfs.example.org=subdomain --forwarded', 'a public gateway behind a proxy'],
      ['sx serve --p2p --p2p-listen /ip4/0.0.0.0/tcp/4001', 'peers of other machines fetch what is pinned'],
      ['sx serve --p2p --p2p-dht lan --p2p-announce --p2p-peer /ip4/…', 'and find it by its CID alone'],
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
  publish: {
    usage: 'sx publish [dir]',
    says: 'sign and publish a release of a site, or of any folder of files',
    more: [
      'Builds the site, signs a release of its root, and makes the release directory: what a gateway shows. A folder',
      'without SX (what Vite or Astro wrote, plain HTML) is published as it is. Unchanged sources make no release.',
      'The first time, a key is made and locked with a passphrase: typed, or from the variable SX_PASSPHRASE.',
      'Then it brings it to the "targets" of sx.config.json, fetches a sample back through each one’s gateway, and says',
      'what is live. Run it again after a failure: it goes on from there. Exit status 8: not everywhere.',
    ],
    takes: [0, 1],
    options: delivery,
    examples: [
      ['sx publish', 'the site of the current folder'],
      ['sx publish ./dist', 'a folder of files'],
      ['sx publish --to kubo --full', 'to one target, and fetch every block back'],
      ['sx publish --json | jq -r .directory', 'a receipt, for a script'],
    ],
    load: () => import('./commands/publish.ts'),
  },
  log: {
    usage: 'sx log [dir]',
    says: 'list the releases, newest first',
    more: [
      'Each with its number, time, root and directory, its tags, and whether its blocks are still kept here.',
    ],
    takes: [0, 1],
    options: {},
    examples: [['sx log', 'of the current folder']],
    load: () => import('./commands/log.ts'),
  },
  diff: {
    usage: 'sx diff <a> <b>',
    says: 'what changed between two releases, and who will notice',
    more: [
      'Each is a release’s number, a tag, or a CID. Definitions that were added, removed, renamed, changed or are merely',
      'affected by others; for what is called, by its parameters: compatible, additive or breaking; the text of each change.',
    ],
    takes: [2, 2],
    options: { html: { type: 'boolean', says: 'as a page, on standard output' } },
    examples: [
      ['sx diff 3 4', 'two releases'],
      ['sx diff v1 4 --html > changes.html', 'to send'],
    ],
    load: () => import('./commands/diff.ts'),
  },
  rollback: {
    usage: 'sx rollback [number]',
    says: 'release the root of an earlier release again',
    more: [
      'Of the release before with another root, or of that number: a new release at the end of the chain.',
    ],
    takes: [0, 1],
    options: delivery,
    examples: [
      ['sx rollback', 'undo the last release'],
      ['sx rollback 3', 'what release 3 showed'],
    ],
    load: () => import('./commands/rollback.ts'),
  },
  tag: {
    usage: 'sx tag <name> [number]',
    says: 'name a release, and keep its blocks whatever comes after it',
    more: ['Of the newest release, or of the one with that number. A tag that is there moves.'],
    takes: [1, 2],
    options: { remove: { type: 'boolean', says: 'take the name away; its blocks are kept no longer' } },
    examples: [
      ['sx tag v1', 'the newest release'],
      ['sx export v1 v1.car', 'by its name'],
    ],
    load: () => import('./commands/tag.ts'),
  },
  export: {
    usage: 'sx export [cid] <file>',
    says: 'write a root and all below it as a CAR, or a directory as files',
    more: [
      'Without a CID: the newest release of the current folder, else its newest build; a number is a release’s.',
      'The same root gives the same CAR: depth first in the order of links, each block once. A name that ends in / is a',
      'folder, for hosts that serve nothing but files: only a release directory (or another UnixFS one) can become that.',
    ],
    takes: [1, 2],
    options: {},
    examples: [
      ['sx export site.car && ipfs dag import site.car', 'into Kubo, pinned there'],
      ['sx export site/', 'files for any static host'],
      ['sx export 3 three.car', 'the third release'],
    ],
    load: () => import('./commands/export.ts'),
  },
  import: {
    usage: 'sx import <file.car>',
    says: 'take a CAR into the store, verified, and pin its roots',
    more: [
      'All of it or nothing: a CAR that is cut off, or lacks a block that its root needs, leaves nothing pinned.',
    ],
    takes: [1, 1],
    options: { name: { type: 'string', value: '<name>', says: 'what the pin is called (the root’s CID)' } },
    examples: [['sx import site.car --name friend', 'sx serve <root> shows it then']],
    load: () => import('./commands/import.ts'),
  },
  fetch: {
    usage: 'sx fetch <cid> --peer <multiaddrs>',
    says: 'take a root and all below it from peers, verified, and pin it',
    more: [
      'By bitswap on libp2p, from the peers that are named and nobody else (our `sx serve --p2p`, Kubo, Helia); with --dht',
      'also from those of whom that DHT says that they have it. All of it or nothing; what the store has already is not',
      'fetched again.',
    ],
    takes: [1, 1],
    options: {
      peer: { type: 'string', value: '<multiaddrs>', says: 'where peers are, with commas between' },
      dht: {
        type: 'string',
        value: '<scope>',
        choices: ['lan', 'public'],
        says: 'ask the DHT that these peers are in who has it',
      },
      name: { type: 'string', value: '<name>', says: 'what the pin is called (the root’s CID)' },
      wait: { type: 'string', value: '<seconds>', says: 'for the next block, then it gives up (30)' },
      'most-mib': { type: 'string', value: '<number>', says: 'MiB that it may have in all (1024)' },
    },
    examples: [['sx fetch bafyrei… --peer /ip4/127.0.0.1/tcp/4001/p2p/12D3KooW…', 'from one peer']],
    load: () => import('./commands/fetch.ts'),
  },
  pin: {
    usage: 'sx pin <ls|add|rm>',
    says: 'what the store keeps, and what else it should',
    more: [
      'sx pin ls · sx pin add <cid|tag|number> [name] · sx pin rm <name|cid>',
      'Builds, releases and tags are pinned by themselves; pin anything else with all that is below it.',
    ],
    takes: [1, 3],
    options: {},
    examples: [
      ['sx pin ls', 'roots, and why each stays'],
      ['sx pin add bafybei… friend', 'another root'],
    ],
    load: () => import('./commands/pin.ts'),
  },
  gc: {
    usage: 'sx gc',
    says: 'remove the blocks that nothing pins',
    more: [
      'What older builds left, imports that failed, pins that were removed. --dry-run says what would go, and why the rest',
      'stays. The store’s file keeps its size: the room is used again.',
    ],
    takes: [0, 0],
    options: { 'dry-run': { type: 'boolean', says: 'remove nothing' } },
    examples: [['sx gc --dry-run', 'look first']],
    load: () => import('./commands/gc.ts'),
  },
  fsck: {
    usage: 'sx fsck',
    says: 'prove the whole store: every block, root, release and signature',
    more: [
      'With --repair it fetches what is damaged or missing through the gateways that --from names, and removes damaged',
      'blocks that nothing needs. Exit status 6 when something is not whole.',
    ],
    takes: [0, 0],
    options: {
      repair: { type: 'boolean', says: 'make good what can be made good' },
      from: { type: 'string', value: '<urls>', says: 'gateways, with commas between: https://ipfs.example' },
    },
    examples: [
      ['sx fsck', 'look'],
      ['sx fsck --repair --from http://127.0.0.1:8080', 'from a Kubo that has it'],
    ],
    load: () => import('./commands/fsck.ts'),
  },
  verify: {
    usage: 'sx verify <cid|url|file>',
    says: 'prove what a CID, a page or a CAR is, step by step',
    more: [
      'bytes · definitions · pages · root · release and its signature · the chain before it; of an address also the served',
      'HTML with its loader and manifest. Nothing is believed that does not hash to what asks for it.',
      'Exit status: 0 verified, 9 right and signed by nobody, 3 something is missing, 4 something contradicts.',
    ],
    takes: [1, 1],
    options: {
      from: { type: 'string', value: '<urls>', says: 'gateways that blocks come from (this store)' },
    },
    examples: [
      ['sx verify https://example.org/market/', 'a page where it is served'],
      ['sx verify bafybei… --from https://ipfs.example', 'what a gateway gives out'],
      ['sx verify site.car --json', 'a file, for a script'],
    ],
    load: () => import('./commands/verify.ts'),
  },
  name: {
    usage: 'sx name [action]',
    says: 'the IPNS name of a publisher, and its DNS record',
    more: [
      'sx name · sx name renew · sx name resolve <name|domain> · sx name dnslink <domain>',
      'Each release signs an IPNS record that holds for 30 days; sx publish renews it after 15, renew does so at once.',
      'dnslink prints the TXT record for a domain and looks whether the DNS has it: exit status 3 without, 4 with another.',
    ],
    takes: [0, 2],
    options: {
      from: { type: 'string', value: '<url>', says: 'resolve: by the record that this gateway has' },
    },
    examples: [
      ['sx name dnslink example.org', 'what to write into the DNS'],
      ['sx name resolve k51… --from https://ipfs.example', 'what others see'],
    ],
    load: () => import('./commands/name.ts'),
  },
  key: {
    usage: 'sx key <ls|export|import|rotate>',
    says: 'the keys that sign releases',
    more: [
      'sx key ls · sx key export <name> · sx key import <name> <file> · sx key rotate <name>',
      'A key lies beside the store, locked with a passphrase. Its IPNS name is the publisher’s.',
      'export writes the open key to standard output: keep it safe. import takes that, and what `ipfs key export` writes.',
      'rotate makes a new key; the old one signs the next release too, so that readers know who hands over.',
    ],
    takes: [1, 3],
    options: {
      format: {
        type: 'string',
        value: '<format>',
        choices: ['libp2p', 'pem'],
        says: 'of an exported key: libp2p (as Kubo’s; the default) or pem',
      },
    },
    examples: [
      ['sx key ls', 'names and publishers'],
      ['sx key export site > site.key && ipfs key import site site.key', 'the same name in Kubo'],
    ],
    load: () => import('./commands/key.ts'),
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
        choices: ['sx', 'expanded', 'dag-json', 'deps', 'dependents', 'tree'],
        says: 'sx · expanded (as written, and what macros made of it) · dag-json · deps (what it uses) · dependents (what uses it) · tree',
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
  check: {
    usage: 'sx check [dir]',
    says: 'find what is wrong, without building',
    more: [
      'Errors: all that a build finds before it renders, and calls that can’t work: too many or too few arguments,',
      'a keyword that the component doesn’t take, each with the definition’s own place.',
      'Warnings: what nothing uses, islands that reach host words, keywords given twice or left out. Nothing is stored.',
      'Exit status 1 with errors, 0 with warnings only.',
    ],
    takes: [0, 1],
    options: {
      strict: {
        type: 'boolean',
        says: 'types mean something, literals have the declared ones, effects hold those of what is referred to',
      },
    },
    examples: [
      ['sx check', 'the current folder'],
      [
        `sx check site --json | jq -r '.errors[] | "\\(.file):\\(.line) \\(.message)"'`,
        'for an editor, or CI',
      ],
    ],
    load: () => import('./commands/check.ts'),
  },
  fmt: {
    usage: 'sx fmt [paths]',
    says: 'format .sx files in place',
    more: [
      'Indentation, spaces, brackets and lines wider than 100 columns; lines that you began stay, comments stay where',
      'they are, and nothing that is read changes: no CID does. A folder stands for all .sx files below it.',
    ],
    takes: [0, 100_000],
    options: {
      check: { type: 'boolean', says: 'write nothing; list what would change, exit 1 if anything would' },
      stdin: { type: 'boolean', says: 'one text from standard input to standard output' },
    },
    examples: [
      ['sx fmt', 'everything below the current folder'],
      ['sx fmt --check src', 'in CI'],
      ['sx fmt --stdin < a.sx', 'in an editor'],
    ],
    load: () => import('./commands/fmt.ts'),
  },
  eval: {
    usage: 'sx eval <expr>',
    says: 'print the value of an expression',
    more: [
      'Several forms: definitions hold for those after them, and the last value is printed. `-` reads standard input.',
      'In a site’s folder (or with --dir) the site’s definitions are there too; nothing is stored.',
    ],
    takes: [1, 1],
    options: {
      html: { type: 'boolean', says: 'render it as markup' },
      strict,
      dir: { type: 'string', value: '<folder>', says: 'whose definitions may be used' },
    },
    examples: [
      ["sx eval '(map inc (list 1 2 3))'", '(2 3 4)'],
      [`sx eval --html '(~card :title "Hi")'`, 'a component of this site'],
      ['sx eval - < program.sx', 'from a file'],
    ],
    load: () => import('./commands/eval.ts'),
  },
  repl: {
    usage: 'sx repl [dir]',
    says: 'try things line by line',
    more: [
      'Forms may take several lines; definitions that you type stay, and may replace the site’s. :help says more.',
      'In a pipe it prints results only, and exits 1 if one of them was an error.',
    ],
    takes: [0, 1],
    options: { strict },
    examples: [
      ['sx repl', 'with this folder’s definitions, if it is a site'],
      [`echo '(+ 1 2)' | sx repl`, '3'],
    ],
    load: () => import('./commands/repl.ts'),
  },
  test: {
    usage: 'sx test [dir]',
    says: 'run the *.test.sx files of a site',
    more: [
      '(deftest "name" body…) and (defsuite "name" test…), with (assert cond message?), (assert= actual expected),',
      '(assert-throws expr) and (assert-html markup "html"). Test files see all of the site, and what they define',
      'themselves; they are no part of the site. Each test starts afresh. Exit status 1 when one fails, or none ran.',
    ],
    takes: [0, 1],
    options: {
      strict,
      filter: { type: 'string', value: '<text>', says: 'only tests whose suite or name holds this text' },
    },
    examples: [
      ['sx test', 'all tests of the current folder'],
      ['sx test --filter cart', 'some of them'],
    ],
    load: () => import('./commands/test.ts'),
  },
} as const satisfies Record<string, CommandRow>

export type CommandName = keyof typeof commands
export const isCommandName = (name: string): name is CommandName => Object.hasOwn(commands, name)
