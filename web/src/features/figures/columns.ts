// The columns of a report: what stands there, how it is read, and where it leads.
import type { ComposerTranslation } from 'vue-i18n'
import type { RouteLocationRaw } from 'vue-router'
import type { FigureRow, Stage } from '@/api/types'
import { money } from '@/ui/format'
import { cases, coverages } from './links'
import { days, percent } from './words'

export const GROUPS = ['counts', 'after', 'ratio', 'stays', 'reasons'] as const
export type Group = (typeof GROUPS)[number]

export interface FigureColumn {
  key: string
  group: Group
  label: string
  /** What it is sorted by; null where there is nothing. */
  value: (r: FigureRow) => number | null
  text: (r: FigureRow) => string
  to?: (r: FigureRow) => RouteLocationRaw
}

const STAGES: (Stage | null)[] = [null, 'materials', 'expense_entry', 'first_review', 'second_review', 'payment', 'recovery']
const REASONS = ['not_covered', 'waiting_period', 'cover_ended', 'times_used_up', 'amount_used_up', 'duplicate_invoice', 'overlapping_stay', 'out_of_scope', 'past_deadline', 'excluded', 'other']
type Count = 'received' | 'submitted' | 'returned' | 'closed' | 'paid' | 'denied' | 'withdrawn' | 'corrected' | 'recovered' | 'written_off' | 'coverages' | 'cohort_cases'

export function figureColumns(t: ComposerTranslation): FigureColumn[] {
  const count = (key: Count, group: Group, to: (r: FigureRow) => RouteLocationRaw): FigureColumn => ({ key, group, label: t(`figures.column.${key}`), value: (r) => r[key], text: (r) => String(r[key]), to })
  const amount = (key: 'paid_fen' | 'recovered_fen' | 'fees_fen' | 'cohort_fen', group: Group, to?: (r: FigureRow) => RouteLocationRaw): FigureColumn => ({ key, group, label: t(`figures.column.${key}`), value: (r) => r[key], text: (r) => money(r[key]), to })
  const stay = (stage: Stage | null, key: 'average' | 'p90'): FigureColumn => {
    const seconds = (r: FigureRow) => r.stays.find((s) => (s.stage ?? null) === stage)?.[`${key}_seconds`] ?? null
    return {
      key: `${stage ?? 'whole'}-${key}`, group: 'stays', label: `${stage ? t(`word.stage.${stage}`) : t('figures.whole_way')} · ${t(`figures.${key}`)}`,
      value: seconds, text: (r) => { const s = seconds(r); return s == null ? '—' : days(s) }, to: (r) => cases(r, 'closed', { passed: stage }),
    }
  }
  const reason = (code: string): FigureColumn => {
    const n = (r: FigureRow) => r.reasons.find((x) => x.reason === code)?.cases ?? 0
    return { key: code, group: 'reasons', label: t(`word.deny_reason.${code}`), value: n, text: (r) => String(n(r)), to: (r) => cases(r, 'closed', { outcome: 'denied', close_reason: code }) }
  }
  return [
    count('received', 'counts', (r) => cases(r, 'accepted')),
    count('submitted', 'counts', (r) => cases(r, 'submitted')),
    count('returned', 'counts', (r) => cases(r, 'returned')),
    count('closed', 'counts', (r) => cases(r, 'closed')),
    count('paid', 'counts', (r) => cases(r, 'closed', { outcome: 'paid' })),
    amount('paid_fen', 'counts', (r) => cases(r, 'closed', { outcome: 'paid' })),
    count('denied', 'counts', (r) => cases(r, 'closed', { outcome: 'denied' })),
    count('withdrawn', 'counts', (r) => cases(r, 'closed', { outcome: 'withdrawn' })),
    count('corrected', 'after', (r) => cases(r, 'closed', { outcome: 'corrected' })),
    count('recovered', 'after', (r) => cases(r, 'closed', { outcome: 'recovered' })),
    count('written_off', 'after', (r) => cases(r, 'closed', { outcome: 'written_off' })),
    amount('recovered_fen', 'after'),
    count('coverages', 'ratio', coverages),
    amount('fees_fen', 'ratio'),
    count('cohort_cases', 'ratio', (r) => cases(r, 'begins', { outcome: 'paid' })),
    amount('cohort_fen', 'ratio', (r) => cases(r, 'begins', { outcome: 'paid' })),
    { key: 'ratio', group: 'ratio', label: t('figures.column.ratio'), value: (r) => r.ratio ?? null, text: (r) => percent(r.ratio) },
    ...STAGES.flatMap((s) => [stay(s, 'average'), stay(s, 'p90')]),
    ...REASONS.map(reason),
  ]
}
