// The columns that every list of cases shares.
import type { ComposerTranslation } from 'vue-i18n'
import type { Column } from '@/ui/DataTable.vue'

type Key = 'no' | 'org_name' | 'unit_name' | 'claim_type' | 'member_name' | 'id_number' | 'source' | 'accepted_on' | 'stage' | 'holder_name' | 'benefit_fen' | 'stage_since' | 'liability_name' | 'pace'

export function caseColumns(t: ComposerTranslation, keys: Key[], off: Key[] = []): Column[] {
  const all: Record<Key, Omit<Column, 'key'>> = {
    no: { label: t('case.no'), width: 174 },
    org_name: { label: t('case.org'), minWidth: 94 },
    unit_name: { label: t('case.unit'), minWidth: 96 },
    claim_type: { label: t('case.claim_type'), minWidth: 74 },
    liability_name: { label: t('case.liability'), minWidth: 120 },
    member_name: { label: t('case.member'), minWidth: 62 },
    id_number: { label: t('case.id_number'), width: 156, as: 'number' },
    source: { label: t('case.source'), minWidth: 68 },
    accepted_on: { label: t('case.accepted_on'), width: 90 },
    stage: { label: t('case.stage'), width: 114 },
    holder_name: { label: t('case.holder'), minWidth: 84 },
    benefit_fen: { label: t('case.benefit'), width: 112, as: 'money' },
    stage_since: { label: t('case.since'), width: 126 },
    pace: { label: t('calendar.pace'), width: 124 },
  }
  return keys.map((key) => ({ key, off: off.includes(key), ...all[key] }))
}
