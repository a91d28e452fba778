// An event as a handler gets it: a dict of what is data in it, and of functions for what may be done about it.
import { Prim } from './values.ts'

const ofEvent =
  'type key code repeat button detail data ctrlKey shiftKey altKey metaKey clientX clientY deltaX deltaY'
const ofTarget = 'value checked name id'

/** `clientX` → `client-x` */
const named = (property: string): string => property.replace(/[A-Z]/g, c => `-${c.toLowerCase()}`)

const fieldsOf = (form: HTMLFormElement): Map<string, unknown> => {
  const data = new FormData(form)
  return new Map(
    [...new Set(data.keys())].map(name => {
      const all = data.getAll(name).filter(v => typeof v === 'string')
      return [name, all.length > 1 ? all : (all[0] ?? null)]
    }),
  )
}

export const eventOf = (event: Event, element: Element): Map<string, unknown> => {
  const dict = new Map<string, unknown>()
  const take = (from: unknown, properties: string): void => {
    for (const property of properties.split(' ')) {
      const v = (from as Record<string, unknown>)[property]
      if (v !== undefined && typeof v !== 'object') dict.set(named(property), v)
    }
  }
  take(event, ofEvent)
  take(event.target, ofTarget)
  if (element instanceof HTMLFormElement) dict.set('fields', fieldsOf(element))
  for (const method of ['preventDefault', 'stopPropagation'] as const)
    dict.set(named(method), new Prim(named(method), (() => event[method]() ?? null) as never, 0, 0))
  return dict
}
