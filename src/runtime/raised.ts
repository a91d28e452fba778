// What `raise` throws.

/** A value on its way from `raise` to a `guard`. */
export class Raised {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}
