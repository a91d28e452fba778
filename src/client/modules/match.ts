// match and its patterns.
export { matching as extension } from '../../runtime/pattern.ts'
