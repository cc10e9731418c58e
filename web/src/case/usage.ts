// What of a coverage is used, beside its caps.
import type { UsageView } from '@/api/types'
import { money } from '@/ui/format'

type Say = (key: string, args: Record<string, string | number>) => string

/** Every capped quantity as used / cap; without a cap what is used, where something is. */
export function usedOf(u: UsageView, t: Say): string {
  const parts = [
    u.times_cap != null ? t('case.usage_times', { used: u.times, cap: u.times_cap }) : u.times ? t('case.used_times', { used: u.times }) : null,
    u.stays_cap != null ? t('case.usage_stays', { used: u.stays, cap: u.stays_cap }) : null,
    u.amount_cap_fen != null ? t('case.usage_amount', { used: money(u.amount_fen), cap: money(u.amount_cap_fen) }) : u.amount_fen ? t('case.used_amount', { used: money(u.amount_fen) }) : null,
    u.days_cap != null ? t('case.usage_days', { used: u.days, cap: u.days_cap }) : null,
    u.base_fen ? t('case.usage_base', { amount: money(u.base_fen) }) : null,
  ]
  return parts.filter(Boolean).join(' · ')
}
