// Which sentences stand on both sides, and which on one.
import type { Titled } from './words'

export interface Line { left: string | null; right: string | null }
export interface Side { title: string; clause: string }
export interface Part { key: string; left: Side | null; right: Side | null; lines: Line[]; changed: boolean }

/** The longest common run of sentences, and between them what each side has alone, side by side. */
export function alignLines(left: string[], right: string[]): Line[] {
  const common = Array.from({ length: left.length + 1 }, () => Array.from({ length: right.length + 1 }, () => 0))
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let k = right.length - 1; k >= 0; k -= 1) {
      common[i]![k] = left[i] === right[k] ? common[i + 1]![k + 1]! + 1 : Math.max(common[i + 1]![k]!, common[i]![k + 1]!)
    }
  }
  const out: Line[] = []
  const alone: { left: string[]; right: string[] } = { left: [], right: [] }
  const flush = () => {
    const n = Math.max(alone.left.length, alone.right.length)
    for (let j = 0; j < n; j += 1) out.push({ left: alone.left[j] ?? null, right: alone.right[j] ?? null })
    alone.left = []
    alone.right = []
  }
  let [i, k] = [0, 0]
  while (i < left.length || k < right.length) {
    if (i < left.length && k < right.length && left[i] === right[k]) {
      flush()
      out.push({ left: left[i]!, right: right[k]! })
      i += 1
      k += 1
    } else if (k >= right.length || (i < left.length && common[i + 1]![k]! >= common[i]![k + 1]!)) {
      alone.left.push(left[i]!)
      i += 1
    } else {
      alone.right.push(right[k]!)
      k += 1
    }
  }
  flush()
  return out
}

/** Parts of both by what they are of; the order is the right side's, what only the left has comes where it stood. */
export function alignParts(left: Titled[], right: Titled[]): Part[] {
  const keys = left.map((l) => l.key)
  right.forEach((r, i) => {
    if (keys.includes(r.key)) return
    const after = right.slice(0, i).reverse().find((b) => keys.includes(b.key))
    keys.splice(after ? keys.indexOf(after.key) + 1 : 0, 0, r.key)
  })
  return keys.map((key) => {
    const [l, r] = [left.find((w) => w.key === key), right.find((w) => w.key === key)]
    const lines = alignLines(l?.sentences ?? [], r?.sentences ?? [])
    const side = (w: Titled | undefined): Side | null => (w ? { title: w.title, clause: w.clause } : null)
    const changed = lines.some((line) => line.left !== line.right) || l?.title !== r?.title || l?.clause !== r?.clause
    return { key, left: side(l), right: side(r), lines, changed }
  })
}
