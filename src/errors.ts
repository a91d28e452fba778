// Every error the product raises: one class, a closed set of codes, the status each one maps to.

/**
 * code → [HTTP status, exit status]. A released code keeps its meaning. Exit statuses: 1 the input is wrong,
 * 2 the command line is wrong, 3 something asked for is not there, 4 verification failed, 5 a limit was hit,
 * 6 the store is busy or broken, 7 the network or a peer failed, 70 a defect of ours. (8, of `sx publish` alone: done
 * here, and not at every target.)
 */
export const errorCodes = {
  // lang: reading text
  'read-syntax': [400, 1],
  'read-limit': [400, 5],
  // lang: scope and expansion
  'syntax-form': [400, 1],
  'syntax-reserved': [400, 1],
  'macro-failed': [400, 1],
  'macro-limit': [400, 5],
  // ipld: definitions
  'unknown-name': [400, 1],
  'duplicate-name': [400, 1],
  'ambiguous-name': [400, 1],
  'not-a-definition': [400, 1],
  'import-cycle': [400, 1],
  'effect-undeclared': [400, 1],
  'foreign-refused': [400, 1],
  'definition-too-large': [400, 1],
  'value-not-storable': [400, 1],
  'wasm-invalid': [400, 1],
  'release-invalid': [502, 4],
  'key-invalid': [400, 1],
  'key-locked': [403, 2],
  // ipld: blocks from anywhere
  'cid-malformed': [400, 2],
  'cid-unsupported': [400, 2],
  'block-mismatch': [502, 4],
  'block-malformed': [502, 4],
  'block-too-large': [502, 5],
  'block-not-found': [404, 3],
  'car-malformed': [400, 4],
  'walk-limit': [400, 5],
  'name-record-invalid': [500, 4],
  'name-not-found': [500, 3],
  // content: what others published, by path or name
  'not-cached': [412, 3],
  'not-implemented': [501, 2],
  'redirects-invalid': [500, 1],
  gone: [410, 3],
  'legally-unavailable': [451, 3],
  'fetch-failed': [502, 7],
  'fetch-timeout': [504, 7],
  'too-many-requests': [429, 7],
  // runtime
  'eval-failed': [500, 1],
  'eval-unbound': [500, 1],
  'eval-limit': [500, 5],
  'eval-unsupported': [500, 1],
  'foreign-failed': [500, 1],
  // store
  'store-busy': [503, 6],
  'store-conflict': [409, 6],
  'store-corrupt': [500, 6],
  'store-version': [500, 6],
  'store-failed': [500, 6],
  // publish, config, command line
  'config-invalid': [400, 1],
  'source-invalid': [400, 1],
  'page-invalid': [400, 1],
  'build-failed': [400, 1],
  usage: [400, 2],
  'not-found': [404, 3],
  'peer-failed': [502, 7],
  // gateway
  'request-invalid': [400, 2],
  'method-not-allowed': [405, 2],
  forbidden: [403, 2],
  'body-too-large': [413, 5],
  'media-unsupported': [415, 2],
  'action-failed': [422, 1],
  'not-acceptable': [406, 2],
  overloaded: [503, 7],
  internal: [500, 70],
} as const satisfies Record<string, readonly [http: number, exit: number]>

export type ErrorCode = keyof typeof errorCodes

/** Where in a source an error lies. `line` and `column` count from 1; `excerpt` is that line's text. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly excerpt: string
}

/** What a macro had to do with it. */
export interface MacroEvidence {
  /** the innermost macro call, as text */
  readonly call?: string
  /** what came of it */
  readonly expansion?: string
  /** the calls' places, innermost first */
  readonly related?: readonly { readonly note: string; readonly place: Place }[]
}

export interface ErrorDetail {
  /** where in the sources */
  readonly place?: Place
  /** further places that explain it (a macro's call, the first of two duplicates) */
  readonly related?: readonly { readonly note: string; readonly place: Place }[]
  /** what to do about it, one sentence */
  readonly hint?: string
  /** near misses, the expected CID, a limit's number: evidence for programs */
  readonly [evidence: string]: unknown
}

/** `message` is one sentence: what is wrong. `detail` says where and what to do. */
export class SxError extends Error {
  override readonly name = 'SxError'
  readonly code: ErrorCode
  readonly detail: ErrorDetail
  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.detail = detail
  }
}
