// What is known of each target of a site, in the store's records.
import type { Records } from '../ports.ts'
import type { TargetState } from './targets/target.ts'

export interface TargetStates {
  get(target: string): TargetState | undefined
  set(target: string, state: TargetState): void
  all(): readonly (readonly [target: string, state: TargetState])[]
}

export const targetStates = (records: Records, site: string): TargetStates => {
  const prefix = `/sx/target/${encodeURIComponent(site)}/`
  const read = (value: Uint8Array): TargetState => JSON.parse(new TextDecoder().decode(value)) as TargetState
  return {
    get: target => {
      const value = records.get(prefix + target)
      return value === undefined ? undefined : read(value)
    },
    set: (target, state) =>
      records.write([[prefix + target, new TextEncoder().encode(JSON.stringify(state))]]),
    all: () =>
      records.page(prefix, '', 1000).map(({ key, value }) => [key.slice(prefix.length), read(value)]),
  }
}
