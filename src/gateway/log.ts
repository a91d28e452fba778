// Structured logs: one JSON line for each request and each failure.
import type { Clock } from '../ports.ts'

export interface Log {
  write(level: 'info' | 'warn' | 'error', event: string, fields: Readonly<Record<string, unknown>>): void
}

export const createLog = (line: ((line: string) => void) | undefined, clock: Clock): Log => ({
  write: (level, event, fields) =>
    line?.(JSON.stringify({ time: new Date(clock()).toISOString(), level, event, ...fields })),
})
