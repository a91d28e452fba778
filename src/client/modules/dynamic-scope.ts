// scope, provide, context, emit! and emitted.
export { dynamicScope as extension } from '../../runtime/dynamic.ts'
