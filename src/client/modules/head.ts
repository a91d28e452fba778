// Elements that belong in the head, scripts and styles.
export { headElements as extension } from '../../runtime/head.ts'
