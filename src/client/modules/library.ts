// Client libraries.
export { library as extension } from '../../runtime/library.ts'
