// A graph as an indented tree: what was shown once is only named again, so that it is as long as the graph and no longer.
import type { Related } from '../app-port.ts'

export interface TreeLimits {
  readonly depth: number
  readonly lines: number
}

export interface TreeNode {
  readonly of: Related
  /** it has been shown above, with what is below it */
  readonly again: boolean
  /** how many are below that a limit left out */
  readonly cut: number
  readonly below: readonly TreeNode[]
}

/** Breadth is shown before depth is spent: a node is opened where it first occurs, depth first. */
export function buildTree(
  start: Related,
  below: (cid: string) => readonly Related[],
  limits: TreeLimits,
): TreeNode {
  const seen = new Set<string>()
  let lines = 0
  const visit = (of: Related, depth: number): TreeNode => {
    lines++
    if (seen.has(of.cid)) return { of, again: true, cut: 0, below: [] }
    const next = below(of.cid)
    if (depth === limits.depth) return { of, again: false, cut: next.length, below: [] }
    seen.add(of.cid)
    const shown: TreeNode[] = []
    for (const each of next) {
      if (lines >= limits.lines) break
      shown.push(visit(each, depth + 1))
    }
    return { of, again: false, cut: next.length - shown.length, below: shown }
  }
  return visit(start, 0)
}

export function treeLines(tree: TreeNode, label: (node: TreeNode) => string): string[] {
  const lines = [label(tree)]
  const walk = (node: TreeNode, indent: string): void => {
    node.below.forEach((child, i) => {
      const last = i === node.below.length - 1 && node.cut === 0
      lines.push(`${indent}${last ? '└─ ' : '├─ '}${label(child)}`)
      walk(child, indent + (last ? '   ' : '│  '))
    })
    if (node.cut > 0) lines.push(`${indent}└─ … ${node.cut} more`)
  }
  walk(tree, '')
  return lines
}
