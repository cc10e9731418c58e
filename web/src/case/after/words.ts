// What a decision about a correction leads to, said before it is made.
import type { CaseView } from '@/api/types'
import { translate } from '@/locales'
import { money } from '@/ui/format'

/** The sentences for 通过 or 不予给付 of a correction; null of any other case. */
export function consequence(view: CaseView | null, what: 'approve' | 'deny'): string | null {
  const correction = view?.after.correction
  if (!correction) return null
  if (what === 'deny') {
    const amount = money(correction.granted_before_fen)
    return correction.granted_before_fen > 0 ? translate('after.deny_claims_back', { amount }) : translate('after.deny_nothing')
  }
  const difference = correction.difference_fen ?? 0
  if (difference > 0) return translate('after.approve_pays', { amount: money(difference) })
  return difference < 0 ? translate('after.approve_claims_back', { amount: money(-difference) }) : translate('after.approve_same')
}
