// Forms that are rare in expanded code.
export { rareForms as extension } from '../../runtime/rare-forms.ts'
