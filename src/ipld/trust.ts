// How far publishers of definitions are trusted whom a site names by CID.

/**
 * `followed`: the site's configuration says so. `unknown`: any other `@h:`. The site's own definitions, and those of
 * others that it takes for its own, have no entry anywhere. What each may do: runtime/rights.ts.
 */
export type Trust = 'followed' | 'unknown'

export const isTrust = (text: string): text is Trust => text === 'followed' || text === 'unknown'
