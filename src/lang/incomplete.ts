// May more lines complete a text? For those who read it line by line.
import { SxError } from '../errors.ts'
import { read } from './reader.ts'

/** What the reader says where a text ends too early: a bracket, a string, a prefix that waits (frame.ts, tokens.ts). */
const early = /never closed|the text ends where a form is expected/

/** True while a bracket, a string or a prefix is open; false for a text that is whole, or wrong already. */
export const isIncomplete = (text: string): boolean => {
  try {
    read(text)
    return false
  } catch (error) {
    return error instanceof SxError && error.code === 'read-syntax' && early.test(error.message)
  }
}
