// Rationals: arithmetic that stays exact.
export { exact as extension } from '../../runtime/primitives/exact.ts'
