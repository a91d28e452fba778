// Errors that are caught, continuations, dynamic-wind.
export { control as extension } from '../../runtime/control.ts'
