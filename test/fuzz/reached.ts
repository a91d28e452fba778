// Which forms and primitives programs really come to: marked when their code runs, or when they give something.

import { code } from '../../src/runtime/code.ts'
import { extensions } from '../../src/runtime/extensions.ts'
import type { Extension, Form, FormRow } from '../../src/runtime/form.ts'
import { coreForms, coreMarkup, coreValues } from '../../src/runtime/forms.ts'
import { listRows } from '../../src/runtime/primitives/lists.ts'
import { numberRows } from '../../src/runtime/primitives/numbers.ts'
import { predicateRows } from '../../src/runtime/primitives/predicates.ts'
import { signalRawRows, signalRows } from '../../src/runtime/primitives/signals.ts'
import { stringRows } from '../../src/runtime/primitives/strings.ts'
import type { Row } from '../../src/runtime/primitives/table.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { buildSite } from './built-site.ts'
import { observe } from './observe.ts'
import { narrow } from './run.ts'
import { kinds } from './sample.ts'
import type { Site } from './site.ts'

const core: Extension = {
  forms: coreValues,
  both: coreForms,
  markup: coreMarkup,
  primitives: [numberRows, predicateRows, stringRows, listRows, signalRows].flat(),
  raw: signalRawRows,
}

/** The same words, which tell when they are reached. */
const marking = (reached: Set<string>): Extension[] => {
  const form = ([name, make]: FormRow): FormRow => {
    const marked: Form = (operands, scope, c, asMarkup) => {
      const made = make(operands, scope, c, asMarkup)
      return code(made.level!, (env, m, d) => {
        reached.add(name)
        return made(env, m, d)
      })
    }
    return [name, marked]
  }
  const forms = (rows: readonly FormRow[] | undefined) => (rows ?? []).map(form)
  const rows = (all: readonly Row[] | undefined) =>
    (all ?? []).map(([name, takes, fn]): Row => {
      const call = fn as (...args: unknown[]) => unknown
      const marked = (...args: unknown[]): unknown => {
        const v = call(...args)
        reached.add(name)
        return v
      }
      return [name, takes, marked as never]
    })
  return [core, ...(Object.values(extensions) as Extension[])].map(x => ({
    forms: forms(x.forms),
    both: forms(x.both),
    markup: forms(x.markup),
    primitives: rows(x.primitives),
    raw: rows(x.raw),
  }))
}

/** Adds what the site's pages come to. */
export const reachedBy = async (site: Site, reached: Set<string>): Promise<void> => {
  const built = buildSite(site.definitions, site.pages)
  if (built === undefined) return
  const runtime = createRuntime({
    definitions: { find: cid => built.nodes.get(cid), load: async () => {} },
    limits: narrow,
    extensions: marking(reached),
  })
  for (const { node } of built.pages)
    await observe(
      {
        evaluate: scope => runtime.evaluateSync(node.body, scope),
        render: scope => runtime.renderHtmlSync(node.body, scope),
      },
      kinds,
    )
}
