// Where a figure leads: the list of exactly the cases that it counts.
import type { LocationQueryRaw, RouteLocationRaw } from 'vue-router'
import type { FigureRow, Outcome, Stage } from '@/api/types'

type Where = Pick<FigureRow, 'from' | 'to' | 'org_id' | 'direct' | 'unit_id' | 'plan' | 'claim_type'>

/** The day that a measure counts a case by. */
export type Days = 'accepted' | 'submitted' | 'returned' | 'closed' | 'begins'

function query(row: Where, days: Days, more: LocationQueryRaw): LocationQueryRaw {
  const all: Record<string, unknown> = {
    org_id: row.org_id, direct: row.direct && row.org_id ? true : null, unit_id: row.unit_id, plan: row.plan, claim_type: row.claim_type,
    [`${days}_from`]: row.from, [`${days}_to`]: row.to, ...more,
  }
  return Object.fromEntries(Object.entries(all).filter(([, v]) => v != null && v !== '').map(([k, v]) => [k, String(v)]))
}

export function cases(row: Where, days: Days, more: { outcome?: Outcome; close_reason?: string; passed?: Stage | null } = {}): RouteLocationRaw {
  return { path: '/records-inquiry/cases', query: query(row, days, more) }
}

export function coverages(row: Where): RouteLocationRaw {
  return { path: '/records-inquiry/coverages', query: query({ ...row, claim_type: null }, 'begins', { state: 'active' }) }
}

/** Open cases of a stage and a class of age; the range of the page doesn't count for them. */
export function open(where: { org_id?: number | null; plan?: string | null }, more: { stage?: Stage; accepted_from?: string | null; accepted_to?: string | null }): RouteLocationRaw {
  const all: Record<string, unknown> = { org_id: where.org_id, plan: where.plan, open: true, ...more }
  return { path: '/records-inquiry/cases', query: Object.fromEntries(Object.entries(all).filter(([, v]) => v != null).map(([k, v]) => [k, String(v)])) }
}
