import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SxError } from '../../src/errors.ts'
import { decodeNode } from '../../src/ipld/decode.ts'
import type { GroupNode, ValueNode } from '../../src/ipld/kinds.ts'
import { checkGroup, refine } from '../../src/ipld/refine.ts'
import { Link, MemberRef, Ref, sym, type Value } from '../../src/lang/values.ts'
import { build, sha256 } from '../support/graph-site.ts'

const elsewhere = (text: string): Link => {
  return new Link(build({ 'a.sx': `(define x "${text}")` }).names().x as string)
}
const member = (...body: Value[]): ValueNode => ({ kind: 'value', body: [sym('list'), ...body] })
const group = (...members: ValueNode[]): GroupNode => ({ kind: 'group', members })
const m = (index: number): MemberRef => new MemberRef(index)
const codeOf = (work: () => void): string => {
  try {
    work()
    return 'fine'
  } catch (error) {
    return (error as SxError).code
  }
}

describe('a reader of groups', () => {
  const good = ((): GroupNode => {
    const site = build({
      'a.sx':
        '(define (even n) (if (= n 0) true (odd (- n 1)))) (define (odd n) (if (= n 0) false (even (- n 1))))',
    })
    const found = [...site.blocks.values()]
      .map(block => decodeNode(block.bytes))
      .find(node => node.kind === 'group')
    return found as GroupNode
  })()
  const swap = (node: Value): Value =>
    node instanceof MemberRef ? m(1 - node.index) : Array.isArray(node) ? node.map(swap) : node

  it('takes the form that the graph makes', () => {
    expect(good.members).toHaveLength(2)
    expect(codeOf(() => checkGroup(good, sha256))).toBe('fine')
  })
  it('refuses the same cycle in another order', () => {
    const [first, second] = good.members as [ValueNode, ValueNode]
    const turned = group(
      { kind: 'value', body: swap(second.body) },
      { kind: 'value', body: swap(first.body) },
    )
    expect(codeOf(() => checkGroup(turned, sha256))).toBe('block-malformed')
  })
  it('refuses two members that are the same', () =>
    expect(codeOf(() => checkGroup(group(member(m(1)), member(m(0))), sha256))).toBe('block-malformed'))
  it('refuses members that are no cycle', () => {
    expect(codeOf(() => checkGroup(group(member(1)), sha256))).toBe('block-malformed')
    expect(codeOf(() => checkGroup(group(member(1, m(0)), member(2, m(1))), sha256))).toBe('block-malformed')
    expect(codeOf(() => checkGroup(group(member(1, m(1)), member(2, m(1))), sha256))).toBe('block-malformed')
  })
  it('takes a member that refers to itself', () =>
    expect(codeOf(() => checkGroup(group(member(m(0))), sha256))).toBe('fine'))
  it('refuses a group of look-alikes that would take too long to order', () => {
    const size = 3000
    const ring = Array.from({ length: size }, (_, i) => member(i === 0 ? 1 : 0, m((i + 1) % size)))
    expect(codeOf(() => checkGroup(group(...ring), sha256))).toBe('definition-too-large')
  })
})

describe('refinement', () => {
  // Each member: a number, a link to the outside, and members that it refers to.
  const cycles = fc.integer({ min: 2, max: 7 }).chain(size =>
    fc.record({
      members: fc.array(
        fc.record({ tag: fc.nat(1), out: fc.nat(2), to: fc.array(fc.nat(size - 1), { maxLength: 3 }) }),
        { minLength: size, maxLength: size },
      ),
      shuffle: fc.shuffledSubarray(
        Array.from({ length: size }, (_, i) => i),
        { minLength: size, maxLength: size },
      ),
    }),
  )
  const outside = [elsewhere('0'), elsewhere('1'), elsewhere('2')]

  it('gives the same indexes to members in any order, and one index exactly to those that unfold to the same', () => {
    fc.assert(
      fc.property(cycles, ({ members, shuffle }) => {
        const nodes = members.map(({ tag, out, to }) =>
          member(tag, outside[out] as Link, ...to.map(index => new Ref(String(index)))),
        )
        const run = (order: readonly number[]): number[] => {
          const at = new Map(order.map((original, i) => [original, i]))
          const { indexOf } = refine(
            order.map(original => nodes[original] as ValueNode),
            sha256,
            found => (found instanceof Ref ? at.get(Number(found.name)) : undefined),
            found => (found as Link).cid,
          )
          return members.map((_, original) => indexOf[at.get(original) as number] as number)
        }
        const plain = run(members.map((_, i) => i))
        expect(run(shuffle)).toEqual(plain)

        // The coarsest partition that splits by tag, link and targets' classes: what unfolds to the same infinite form.
        let classes = members.map(({ tag, out, to }) => `${tag} ${out} ${to.length}`)
        for (let i = 0; i <= members.length; i++)
          classes = members
            .map(({ to }, v) => `${classes[v]}[${to.map(t => classes[t]).join()}]`)
            .map((key, _, all) => String(all.indexOf(key)))
        for (let a = 0; a < members.length; a++)
          for (let b = 0; b < a; b++) expect(plain[a] === plain[b]).toBe(classes[a] === classes[b])
      }),
      { numRuns: 3000 },
    )
  })

  it('moves no index when something below the cycle is edited', () => {
    const order = (out: string): string[] => {
      const { graph } = build({
        'a.sx': `(define below ${out}) (define (al n) (be (+ n 1))) (define (be n) (ce n below)) (define (ce n m) (al below n m))`,
      })
      return ['al', 'be', 'ce'].map(name => graph.find(name)?.group as string)
    }
    const site = build({
      'a.sx':
        '(define below 1) (define (al n) (be (+ n 1))) (define (be n) (ce n below)) (define (ce n m) (al below n m))',
    })
    const indexes = (): number[] =>
      ['al', 'be', 'ce'].map(name => {
        const node = decodeNode(
          (site.blocks.get(site.names()[name] as string) as { bytes: Uint8Array }).bytes,
        )
        return node.kind === 'member' ? node.index : -1
      })
    const before = indexes()
    site.update({
      'a.sx':
        '(define below 2) (define (al n) (be (+ n 1))) (define (be n) (ce n below)) (define (ce n m) (al below n m))',
    })
    expect(indexes()).toEqual(before)
    expect(order('1')).not.toEqual(order('2'))
  })
})
