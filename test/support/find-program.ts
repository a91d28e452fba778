// Where a peer's program is: named by a variable of the environment, else on the path.
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'

/** The first that runs, or undefined. */
export const findProgram = (variable: string, name: string): string | undefined =>
  [
    process.env[variable],
    ...(process.env.PATH ?? '').split(delimiter).map(folder => join(folder, name)),
  ].find(file => file !== undefined && spawnSync(file, ['--version'], { stdio: 'ignore' }).status === 0)
