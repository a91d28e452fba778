// The reference of the language: each of its examples gives what it says, and no word is without one.
import { describe, expect, it } from 'vitest'
import { forms, hostIo, primitives } from '../../src/lang/words.ts'
import { examplesOf, fits, languageDoc } from '../support/language-doc.ts'

const examples = examplesOf(languageDoc)

describe('docs/language.md', () => {
  for (const example of examples)
    it(`${example.line}: ${example.text.trim()}`, async () => {
      const seen = await example.run()
      if (!fits(example.expected, seen)) expect(seen).toBe(example.expected)
    })

  it('has an example of every form and primitive', () => {
    const shown = new Set(examples.flatMap(one => [...one.words]))
    expect([...forms, ...primitives].filter(word => !shown.has(word))).toEqual([])
  })

  it('says something of every form, primitive and host word', () => {
    const prose = languageDoc.replace(/^```.*?^```/gms, '')
    const said = new Set(
      (prose.match(/`[^`\n]+`/g) ?? []).flatMap(code => code.slice(1, -1).split(/[\s()[\]]+/)),
    )
    expect([...forms, ...primitives, ...hostIo].filter(word => !said.has(word))).toEqual([])
  })
})
