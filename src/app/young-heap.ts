// How much of memory V8 may take for what has just been made.
import { setFlagsFromString } from 'node:v8'

/**
 * V8 doubles its room for young objects, up to 128 MiB, while much of what streams is alive when it looks, and gives it back late. From
 * now on it keeps what it has: a process that serves stays within its memory (bench/gateway-load.ts) and is no slower.
 */
export const keepYoungHeap = (): void => setFlagsFromString('--semi-space-growth-factor=1')
