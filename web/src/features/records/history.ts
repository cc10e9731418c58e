// What an event in a record's history says, field by field. Two shapes come from the server: the fields of the record itself (the dictionaries),
// and an approved change, which keeps what stood there beside what was asked for.
import type { RecordEvent } from '@/api/types'

type Fields = Record<string, unknown>

export interface Line {
  field: string
  before: unknown
  after: unknown
}

export interface Told {
  /** The number of the change that was approved, when the event is one. */
  change: string | null
  /** Nothing was there before: only what is there now is of interest. */
  made: boolean
  lines: Line[]
}

/** The parts of a change that say something to a clerk, by the names that the page of a change uses; ids and codes are left to that page. */
const OF_CHANGE: Record<string, string> = {
  name: 'name', id_kind: 'id_kind', id_number: 'id_number', birth_date: 'birth_date', sex: 'sex', phone: 'phone', employment: 'employment',
  from: 'period_from', to: 'period_to', last_day: 'period_to', shares: 'shares', account_no: 'account_no', bank_name: 'bank_name',
}
/** What `last_day` changes has another name in the coverage. */
const STOOD: Record<string, string> = { last_day: 'to' }

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
const fields = (value: unknown): Fields | null => (value && typeof value === 'object' ? (value as Fields) : null)

function ofChange(no: string, before: Fields | null, asked: Fields): Told {
  const stood = fields(before?.member) ?? fields(before?.coverage)
  const transfer = asked.kind === 'transfer'
  const lines = Object.entries(OF_CHANGE)
    .filter(([key]) => key in asked)
    .map(([key, field]) => ({ field: transfer && key === 'from' ? 'effective_on' : field, before: stood?.[STOOD[key] ?? key] ?? null, after: asked[key] }))
  return { change: no, made: !stood, lines: lines.filter((l) => !same(l.before, l.after)) }
}

export function told(event: Pick<RecordEvent, 'before' | 'after'>): Told {
  const [before, after] = [fields(event.before), fields(event.after) ?? {}]
  const asked = fields(after.after)
  if (typeof after.change_no === 'string' && asked) return ofChange(after.change_no, before, asked)
  const lines = Object.keys(after).map((field) => ({ field, before: before?.[field] ?? null, after: after[field] }))
  return { change: null, made: !before, lines: lines.filter((l) => !same(l.before, l.after)) }
}
