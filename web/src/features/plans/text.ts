// Changes of a plan's text that leave the rest of it, comments too, as it is.
import type { Example, Plan } from '@/api/types'

/** The smallest plan that makes sense, to begin from. */
export function blankText(year: number, name: string, liability: string): string {
  return `code = "new-plan"
version = "${year}"
name = "${name}"
effective_from = "${year}-01-01"
effective_to = "${year}-12-31"

[[liability]]
code = "inpatient_medical"
name = "${liability}"
claim_types = ["disease_inpatient", "accident_inpatient"]

[liability.benefit.reimbursement]
base = "self_pay"
bands = [{ rate = "50%" }]

[[material]]
kind = "id_card"
name = "身份证"
required = true
`
}

const HEADER = /^\s*\[\[?\s*([\w.\- "']+?)\s*\]\]?\s*(#.*)?$/

/** The lines before the first table: what the plan says of itself. */
function headEnd(lines: string[]): number {
  const at = lines.findIndex((l) => HEADER.test(l))
  return at < 0 ? lines.length : at
}

/** The year of a version that is a year. */
export function yearOf(version: string): number | null {
  return /^(19|20|21)\d\d$/.test(version) ? Number(version) : null
}

/** The same day some years later; a leap day becomes the 28th where there is none. */
function yearsLater(day: string, years: number): string {
  const year = Number(day.slice(0, 4)) + years
  const leap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1
  return `${year}${day.slice(4) === '-02-29' && !leap ? '-02-28' : day.slice(4)}`
}

/** A case's facts moved by whole years, so that its coverage begins under the plan; how many years. */
export function movedUnder(example: Example, plan: Plan): { example: Example; years: number } {
  const from = example.coverage?.from
  const within = !from || (from >= plan.effective_from && from <= plan.effective_to)
  const years = within ? 0 : Number(plan.effective_from.slice(0, 4)) - Number(from.slice(0, 4))
  if (years === 0) return { example, years }
  const moved = JSON.stringify(example).replace(/"(\d{4}-\d\d-\d\d)"/g, (_, day: string) => `"${yearsLater(day, years)}"`)
  return { example: JSON.parse(moved) as Example, years }
}

/** The same text for the next year: version and dates of its head. */
export function nextYear(text: string): string {
  const lines = text.split('\n')
  const end = headEnd(lines)
  return lines.map((line, i) => {
    if (i >= end) return line
    const version = /^(\s*version\s*=\s*["'])(\d{4})(["'].*)$/.exec(line)
    if (version) return `${version[1]}${Number(version[2]) + 1}${version[3]}`
    const date = /^(\s*effective_(?:from|to)\s*=\s*["']?)(\d{4}-\d\d-\d\d)(.*)$/.exec(line)
    return date ? `${date[1]}${yearsLater(date[2] ?? '', 1)}${date[3]}` : line
  }).join('\n')
}

/** Comments that a rewritten text would lose: all but those at the very top. */
export function hasComments(text: string): boolean {
  return leading(text) < text.split('\n').length && text.split('\n').slice(leading(text)).some((l) => /^\s*#/.test(l) || /["'\]}\d]\s+#\s/.test(l))
}

function leading(text: string): number {
  const lines = text.split('\n')
  const at = lines.findIndex((l) => !/^\s*#/.test(l))
  return at < 0 ? lines.length : at
}

/** A rewritten text under the comments that the old one began with. */
export function underHead(old: string, written: string): string {
  const top = old.split('\n').slice(0, leading(old))
  return top.length ? `${top.join('\n')}\n${written}` : written
}

interface Block { from: number; to: number }

/** Each liability's lines, or null where the text is not written with `[[liability]]`. */
function liabilities(lines: string[], plan: Plan): Block[] | null {
  const heads = lines.flatMap((l, i) => {
    const found = HEADER.exec(l)
    return found ? [{ i, name: found[1] ?? '', many: l.trim().startsWith('[[') }] : []
  })
  const starts = heads.filter((h) => h.many && h.name === 'liability')
  if (starts.length !== plan.liability.length) return null
  return starts.map(({ i }) => {
    const next = heads.find((h) => h.i > i && !h.name.startsWith('liability.'))
    return { from: i, to: trimmed(lines, i, next?.i ?? lines.length) }
  })
}

/** Without the blank lines and comments at the end, which belong to what follows. */
function trimmed(lines: string[], from: number, to: number): number {
  let end = to
  while (end > from + 1 && /^\s*(#.*)?$/.test(lines[end - 1] ?? '')) end -= 1
  return end
}

function examples(lines: string[], within: Block): Block[] {
  const starts: number[] = []
  const ends: number[] = []
  for (let i = within.from; i < within.to; i += 1) {
    const found = HEADER.exec(lines[i] ?? '')
    if (!found) continue
    if (found[1]?.startsWith('liability.example.')) continue
    ends.push(i)
    if (found[1] === 'liability.example') starts.push(i)
  }
  return starts.map((from) => ({ from, to: trimmed(lines, from, ends.find((e) => e > from) ?? within.to) }))
}

/** Puts an example's text at the end of its liability; null where the text can't take it like that. */
export function insertExample(text: string, plan: Plan, liability: string, example: string): string | null {
  const lines = text.split('\n')
  const block = liabilities(lines, plan)?.[plan.liability.findIndex((l) => l.code === liability)]
  if (!block) return null
  lines.splice(block.to, 0, '', ...example.trim().split('\n'))
  return lines.join('\n').replace(/\n*$/, '\n')
}

function blockOf(lines: string[], plan: Plan, liability: string, index: number): Block | null {
  const at = plan.liability.findIndex((l) => l.code === liability)
  const block = liabilities(lines, plan)?.[at]
  const found = block ? examples(lines, block) : []
  return found.length === (plan.liability[at]?.example?.length ?? 0) ? (found[index] ?? null) : null
}

/** Takes an example out; null where it can't be found in the text. */
export function removeExample(text: string, plan: Plan, liability: string, index: number): string | null {
  const lines = text.split('\n')
  const block = blockOf(lines, plan, liability, index)
  if (!block) return null
  const blankAfter = lines[block.to]?.trim() === '' ? 1 : 0
  lines.splice(block.from, block.to - block.from + blankAfter)
  return lines.join('\n')
}

/** Another amount that must come out; null where it can't be found in the text. */
export function expectAmount(text: string, plan: Plan, liability: string, index: number, amount: string): string | null {
  const lines = text.split('\n')
  const block = blockOf(lines, plan, liability, index)
  if (!block) return null
  for (let i = block.from + 1; i < block.to; i += 1) {
    if (HEADER.test(lines[i] ?? '')) break
    const found = /^(\s*amount\s*=\s*)(["'][^"']*["']|[\d.]+)(.*)$/.exec(lines[i] ?? '')
    if (!found) continue
    lines[i] = `${found[1]}"${amount}"${found[3]}`
    return lines.join('\n')
  }
  return null
}

/** The line of an example's heading, from 1. */
export function lineOfExample(text: string, plan: Plan, liability: string, index: number): number | null {
  const block = blockOf(text.split('\n'), plan, liability, index)
  return block ? block.from + 1 : null
}
