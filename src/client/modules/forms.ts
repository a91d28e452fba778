// Forms that a page can do without: case, threading, the do loop.
export { rareForms as extension } from '../../runtime/rare-forms.ts'
