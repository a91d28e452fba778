// Hygiene: what symbols of templates and of callers mean after expansion (format §2).
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { show, showRefs, tinySite } from '../support/tiny-site.ts'

interface Case {
  readonly name: string
  readonly site: string
  readonly source: string
}
const vectors = JSON.parse(
  readFileSync(new URL('../vectors/lang/expansion.json', import.meta.url), 'utf8'),
) as {
  valid: (Case & { expanded: string; refs?: string[] })[]
  invalid: (Case & { code: string })[]
}

describe('vectors of expansion', () => {
  for (const { name, site, source, expanded, refs = [] } of vectors.valid)
    it(name, () => {
      const result = tinySite(site).expression(source)
      expect(show(result.body)).toBe(expanded)
      expect(showRefs(result)).toEqual(refs)
    })
  for (const { name, site, source, code } of vectors.invalid)
    it(`refuses ${name}`, () => {
      expect(() => tinySite(site).expression(source)).toThrow(expect.objectContaining({ code }))
    })
})
