// What is wrong with a text, before anybody asked for line and column.

/** What is wrong at an offset; the reader makes it an SxError with a place. */
export class Fault {
  readonly message: string
  readonly at: number
  readonly hint: string | undefined
  constructor(message: string, at: number, hint?: string) {
    this.message = message
    this.at = at
    this.hint = hint
  }
}
