// Quasiquote, and what stands at the top of a source file only.
export { templates as extension } from '../../runtime/templates.ts'
