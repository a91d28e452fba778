// The workload's definitions as text. Whatever refers to what, it ends: every function and component takes how deep
// it may still go, and what it refers to is called under a test of that number, with one less.

export type Kind = 'component' | 'function' | 'value' | 'island' | 'macro'

export interface Definition {
  readonly kind: Kind
  readonly area: string
  readonly name: string
  /** bytes to aim at */
  readonly size: number
  readonly references: Definition[]
}

const words =
  'bread soil harvest meeting ledger orchard seed window lantern river basket member share honest market season evening garden table letter worker kettle flour winter spring apple notice minutes budget repair tools bicycle stall crate barley pear onion kale thyme oven dough'.split(
    ' ',
  )

export const createWriter = (random: () => number) => {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const whole = (below: number) => Math.floor(random() * below)
  /** Makes each definition another one: equal ones would be stored once. */
  let counter = 0
  const phrase = (count: number) => {
    const text = Array.from({ length: count }, () => pick(words)).join(' ')
    return text[0]!.toUpperCase() + text.slice(1)
  }

  /** A call of what is referred to, from where `depth` is bound to a number above 0. */
  const use = (to: Definition, inMarkup: boolean): string => {
    switch (to.kind) {
      case 'component':
        return `(${to.name} :heading "${phrase(1)}" :depth (- depth 1))`
      case 'island':
        return `(${to.name} :initial ${whole(9)})`
      case 'function':
        return inMarkup ? `(p (${to.name} (- depth 1)))` : `(${to.name} (- depth 1))`
      case 'value':
        return inMarkup ? `(small (get ${to.name} :label))` : `(get ${to.name} :size)`
      case 'macro':
        return `(${to.name} (empty? heading) (p heading " ${phrase(2)}"))`
    }
  }

  const markup = (): string => {
    switch (whole(8)) {
      case 0:
        return `(p :class "text-${whole(5)}" "${phrase(4 + whole(10))}.")`
      case 1:
        return `(ul (map (fn (item) (li :class "item" (strong item) " ${pick(words)}")) (list "${phrase(1)}" "${phrase(1)}")))`
      case 2:
        return `(a :href "/${pick(words)}/${pick(words)}" :title "${phrase(2)}" "${phrase(3)}")`
      case 3:
        return `(let ((label (upper "${phrase(2)}"))) (h3 :id "s-${whole(999)}" label " " (len label)))`
      case 4:
        return `(dl (dt "${phrase(1)}") (dd "${phrase(5)}") (dt "${phrase(1)}") (dd ${whole(500) / 10}))`
      case 5:
        return `(if (> (len heading) ${whole(20)}) (em "${phrase(2)}") (span :class "muted" "${phrase(3)}"))`
      case 6:
        return `(img :src "/img/${pick(words)}.svg" :alt "${phrase(2)}" :width ${16 * (1 + whole(20))} :height 96)`
      default:
        return `(cond (= heading "${phrase(1)}") (b "${phrase(1)}") (empty? heading) nil :else (i heading "${phrase(2)}"))`
    }
  }

  const arithmetic = (): string => {
    switch (whole(5)) {
      case 0:
        return `(len (str "${phrase(3)}" depth "${pick(words)}"))`
      case 1:
        return `(reduce (fn (sum one) (+ sum (* one ${1 + whole(9)}))) 0 (list ${whole(90)} ${whole(90)} depth))`
      case 2:
        return `(let ((rate ${1 + whole(40)}) (base (* depth ${whole(100)}))) (if (> base rate) (- base rate) rate))`
      case 3:
        return `(len (filter (fn (name) (not (= name "${pick(words)}"))) (list "${pick(words)}" "${pick(words)}" "${pick(words)}")))`
      default:
        return `(mod (+ depth ${whole(1000)}) ${2 + whole(97)})`
    }
  }

  /** Parts one by one until the text is as long as it should be. */
  const fill = (size: number, part: () => string, indent: string): string => {
    let text = ''
    while (text.length + 60 < size) text += `\n${indent}${part()}`
    return text
  }

  const component = (one: Definition): string => {
    const calls = one.references.map(to => `\n      ${use(to, true)}`).join('')
    const inner = calls === '' ? '' : `\n    (when (and depth (> depth 0))${calls})`
    if (one.size < 220)
      return `(defcomp ${one.name} (&key heading depth)\n  (${pick(['div', 'span', 'article'])} :id "d-${counter++}" heading${inner}))`
    const start = `(defcomp ${one.name} (&key heading (depth :as number?) &rest children)\n  (section :class "${pick(words)}"\n    (h2 heading)${inner}`
    return `${start}${fill(one.size - start.length, markup, '    ')}\n    children))`
  }

  const fn = (one: Definition): string => {
    const calls = one.references.map(to => `\n        ${use(to, false)}`).join('')
    const start = `(define ${one.name}\n  (fn (depth)\n    (if (<= depth 0) ${counter++}\n      (+ ${whole(100)}${calls}`
    return `${start}${fill(one.size - start.length, arithmetic, '        ')}))))`
  }

  const value = (one: Definition): string => {
    const base = one.references.map(to => `\n   :base ${to.name}`).join('')
    const start = `(define ${one.name}\n  {:size ${counter++} :label "${phrase(2)}"${base}`
    let key = 0
    const entry = () => {
      const name = `:${pick(words)}-${key++}`
      return random() < 0.5
        ? `${name} "${phrase(2)}"`
        : `${name} (list ${whole(100)} ${whole(10000) / 100} "${pick(words)}")`
    }
    return `${start}${fill(one.size - start.length, entry, '   ')}})`
  }

  const island = (one: Definition): string =>
    `(defisland ${one.name} (&key initial)\n  (let ((n (signal (or initial ${whole(5)}))))\n    (button :type "button" :on-click (fn (e) (swap! n inc)) "${phrase(1)} " (deref n) " ${pick(words)}")))`

  const macro = (one: Definition): string =>
    `(defmacro ${one.name} (test &rest forms) ${pick(['`(when (not ,test) ,@forms)', '`(if ,test nil (<> ,@forms))'])})`

  const writers: Readonly<Record<Kind, (one: Definition) => string>> = {
    component,
    function: fn,
    value,
    island,
    macro,
  }

  return {
    definition: (one: Definition): string =>
      `${random() < 0.3 ? `; ${phrase(6)}.\n` : ''}${writers[one.kind](one)}\n`,

    page: (index: number, shown: readonly Definition[]): string => {
      const path = index === 0 ? '/' : `/${pick(words)}/page-${index}`
      const parts = shown.map(to =>
        to.kind === 'component'
          ? `\n      (${to.name} :heading "${phrase(2)}" :depth 2)`
          : `\n      ${use(to, true)}`,
      )
      return `(defpage page-${index} :path "${path}" :title "${phrase(3)}"\n  :content (main :class "page"\n      (h1 "${phrase(3)}")${parts.join('')}))\n`
    },
  }
}
