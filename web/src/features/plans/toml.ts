// Writes what the server's own writer doesn't: examples, and a form that still has faults (the server writes only what makes
// sense; the faults of anything else are found by checking its text).
import type { Example, Plan } from '@/api/types'

type Value = unknown

const key = (name: string) => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name))
const isTable = (v: Value): v is Record<string, Value> => typeof v === 'object' && v !== null && !Array.isArray(v)

/** Left out where they say nothing; `when` and a benefit's shape say something even when empty. */
const OPTIONAL = new Set(['caps', 'per_stay', 'per_claim', 'clauses', 'used', 'used_by', 'coverage', 'enrolment'])

/** Without the fields that nobody filled in. */
export function filled<T>(value: T): T {
  if (Array.isArray(value)) return value.map(filled) as T
  if (!isTable(value)) return value
  const kept = Object.entries(value).map(([k, v]) => [k, filled(v as Value)] as const).filter(([k, v]) => {
    if (v === null || v === undefined || v === '') return false
    if (Array.isArray(v)) return v.length > 0
    return !(OPTIONAL.has(k) && isTable(v) && Object.keys(v).length === 0)
  })
  return Object.fromEntries(kept) as T
}

function inline(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (isTable(value)) return Object.keys(value).length ? `{ ${Object.entries(value).map(([k, v]) => `${key(k)} = ${inline(v)}`).join(', ')} }` : '{}'
  return JSON.stringify(value)
}

// TOML's own days stand without quotes where they are whole; the reader takes both.
const lines = (table: Record<string, Value>, leave: string[] = []) =>
  Object.entries(table).filter(([k]) => !leave.includes(k)).map(([k, v]) => `${key(k)} = ${inline(v)}\n`).join('')

/** Without what is so when it isn't said. */
function unsaid<T extends object>(facts: T): T {
  return Object.fromEntries(Object.entries(facts).filter(([k, v]) => v !== false && !(k === 'shares' && v === 1))) as T
}

export function exampleText(example: Example): string {
  const { name, amount, ...said } = filled(example)
  const facts = unsaid({ ...said, statements: said.statements?.map(unsaid) })
  return `[[liability.example]]\n${lines(filled({ name, ...facts, amount }) as Record<string, Value>)}`
}

export function planText(plan: Plan): string {
  const { liability, group, material, ...head } = filled(plan)
  const parts = [lines(head)]
  for (const one of liability ?? []) {
    parts.push(`[[liability]]\n${lines(one, ['example', 'benefit'])}`)
    for (const [shape, rule] of Object.entries(one.benefit ?? {})) parts.push(`[liability.benefit.${shape}]\n${lines(rule as Record<string, Value>)}`)
    for (const example of one.example ?? []) parts.push(exampleText(example))
  }
  for (const one of group ?? []) parts.push(`[[group]]\n${lines(one)}`)
  for (const one of material ?? []) parts.push(`[[material]]\n${lines(one as unknown as Record<string, Value>)}`)
  return parts.join('\n')
}
