// The language line by line: what is typed goes to a session, what comes of it to the terminal. Knows nothing of lines.
import type { OpenSession } from '../app-port.ts'
import { isIncomplete } from '../lang/incomplete.ts'
import type { Printer } from './print.ts'

export const replHelp = `A form prints its value; a definition stays, also in place of one of the site.
  :doc name      what a name is, and where it is defined
  :expand form   what macros make of a form
  :help          this text
  :quit          the end (Ctrl-D too); Ctrl-C drops what was begun`

export interface Repl {
  /** Takes one line. 'more': the form goes on; 'end': that was :quit. */
  take(line: string): Promise<'done' | 'more' | 'end'>
  /** Drops what was begun. */
  clear(): void
  /** No more lines: what is unfinished is an error. */
  finish(): Promise<void>
  readonly failed: boolean
  /** names that begin like the word at the end of `line`, and that word */
  complete(line: string): [string[], string]
}

/** `quiet`: results only, as in a pipe. */
export const createRepl = (session: OpenSession, print: Printer, quiet: boolean): Repl => {
  let begun = ''
  let failed = false

  const attempt = async (work: () => void): Promise<void> => {
    try {
      work()
    } catch (error) {
      failed = true
      await print.error(error)
    }
  }
  const evaluate = (text: string): Promise<void> =>
    attempt(() =>
      session.run(text, 'repl', outcome => {
        if (outcome.kind === 'value') {
          const shown = outcome.isMarkup ? outcome.html() : outcome.text
          print.object(outcome.isMarkup ? { html: shown } : { value: shown })
          print.text(shown)
        } else if (!quiet) print.note(print.style('dim', `defined ${outcome.name}`))
      }),
    )

  const commands: Record<string, (rest: string) => Promise<void> | void> = {
    help: () => print.text(replHelp),
    doc: name => {
      const about = session.about(name)
      if (about === undefined) return print.note(`nothing is named ${name}`)
      print.object(about)
      print.text(
        [`${print.style('bold', about.call ?? name)}  ${about.kind}`, about.doc, about.source]
          .filter(line => line !== undefined)
          .join('\n'),
      )
    },
    expand: form =>
      attempt(() => {
        const expanded = session.expand(form, 'repl')
        print.object({ expanded })
        print.text(expanded)
      }),
  }

  return {
    async take(line) {
      const command = begun === '' ? /^\s*:(\w+)(?:\s+(.*))?$/s.exec(line) : null
      if (command?.[1] === 'quit' || command?.[1] === 'q') return 'end'
      const known = command && Object.hasOwn(commands, command[1]!) ? commands[command[1]!] : undefined
      if (known !== undefined) {
        await known((command![2] ?? '').trim())
        return 'done'
      }
      begun += `${line}\n`
      if (isIncomplete(begun)) return 'more'
      const text = begun
      begun = ''
      if (text.trim() !== '') await evaluate(text)
      return 'done'
    },
    clear: () => {
      begun = ''
    },
    async finish() {
      if (begun.trim() !== '') await evaluate(begun)
      begun = ''
    },
    get failed() {
      return failed
    },
    complete: line => {
      const word = /[^\s()[\]{}"'`,;]*$/.exec(line)![0]
      if (word.startsWith(':') && begun === '' && line.trim() === word)
        return [
          [...Object.keys(commands), 'quit'].map(name => `:${name}`).filter(name => name.startsWith(word)),
          word,
        ]
      return [
        word === ''
          ? []
          : session
              .names()
              .filter(name => name.startsWith(word))
              .sort(),
        word,
      ]
    },
  }
}
