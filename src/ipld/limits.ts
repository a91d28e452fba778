// Limits of blocks (format §4), by themselves: a browser that needs one takes no table of kinds along.

/** At most this many bytes in a block. */
export const MAX_BLOCK = 1 << 20
/** At most this many lists and maps inside one another in a block, its envelope included. */
export const MAX_DEPTH = 512
/** At most this many nodes in a closure. */
export const MAX_CLOSURE = 100_000
