// Loops over lists, and lists in a document that lives.
export { loops as extension } from '../../runtime/higher.ts'
