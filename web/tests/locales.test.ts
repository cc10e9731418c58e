import { expect, test } from 'vitest'
import openapi from '../../docs/openapi.json'
import en from '@/locales/en'
import zhCn from '@/locales/zh-CN'

function keys(tree: object, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([k, v]) => (typeof v === 'object' && v !== null ? keys(v, `${prefix}${k}.`) : [prefix + k])).sort()
}
const holes = (text: unknown) => [...String(text).matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort().join()
const at = (tree: unknown, key: string) => key.split('.').reduce((t, k) => (t as Record<string, unknown>)[k], tree)

test('both languages have the same texts with the same holes', () => {
  expect(keys(en)).toEqual(keys(zhCn))
  for (const key of keys(zhCn)) expect(`${key} ${holes(at(en, key))}`).toBe(`${key} ${holes(at(zhCn, key))}`)
})

test('every code that the API can send has its word', () => {
  const schemas = openapi.components.schemas as Record<string, { enum?: string[] }>
  const tables: Record<string, keyof typeof zhCn.word> = {
    Stage: 'stage', StepStage: 'step', StepState: 'step_state', Outcome: 'outcome', CaseSource: 'source', ClaimType: 'claim_type', ClaimCategory: 'category', IdKind: 'id_kind', Sex: 'sex',
    Relation: 'relation', HospitalLevel: 'hospital_level', InsuranceType: 'insurance_type', Role: 'role', ActionKind: 'event', ReturnTo: 'return_to', ReturnReason: 'return_reason',
    DenyReason: 'deny_reason', WithdrawReason: 'withdraw_reason', BatchState: 'batch_state', DraftState: 'draft_state', DraftEvent: 'draft_event', Scope: 'scope', Threshold: 'threshold', BandMode: 'band_mode', Rounding: 'rounding',
    EndsCover: 'ends_cover', PaymentBatchState: 'payment_batch_state', PaymentItemState: 'payment_item_state', BounceReason: 'bounce_reason', CorrectionState: 'correction_state', FileField: 'file_field', AmountUnit: 'amount_unit', CsvEncoding: 'csv_encoding', DeadlineFrom: 'deadline_from', CorrectionReason: 'correction_reason', WriteOffReason: 'write_off_reason', ReceiptWay: 'receipt_way', AppealState: 'appeal_state', SeveralInjuries: 'several', Pace: 'pace', CutPart: 'cut_part', CutReason: 'cut_reason', RowOrder: 'row_order',
  }
  for (const [schema, table] of Object.entries(tables)) {
    const codes = schemas[schema]?.enum ?? []
    expect(codes.length, schema).toBeGreaterThan(0)
    for (const code of codes) expect(zhCn.word[table], `${schema}.${code}`).toHaveProperty(code)
  }
})

const sources = Object.entries(import.meta.glob('../src/**/*.{ts,vue}', { query: '?raw', import: 'default', eager: true }) as Record<string, string>)
  .filter(([path]) => !path.includes('/locales/') && !path.endsWith('schema.ts'))

test('every text that is asked for exists', () => {
  const asked = sources.flatMap(([path, text]) =>
    [...text.matchAll(/['"`]((?:app|ui|frame|session|home|pages|case|acceptance|materials|expenses|review|payment|inquiry|plans|members|help|orgs|enrolment|changes|records|records_inquiry|notices|after|figures|board|calendar|absences|judging|papers|intake|logs)\.[a-z_.]+)['"`]/g)].map((m) => [path, m[1] ?? ''] as const))
  expect(asked.length).toBeGreaterThan(200)
  const known = new Set(keys(zhCn))
  expect(asked.filter(([, key]) => !key.endsWith('.length') && !known.has(key))).toEqual([])
})

test('every text is asked for somewhere', () => {
  // Words of codes, and keys that are put together: amounts, decisions, faults of an amount.
  const composed = [
    /^word\./,
    /^expenses\.\w+_fen$/,
    /^review\.(approve|return|deny|withdraw)(_confirm)?$/,
    /^ui\.error\.amount_/,
    /^plans\.(confirm|done)\.\w+$/,
    /^plans\.curve\.(cost|days|items)$/,
    /^plans\.what_if\.(by_\w+|\w+_cases)$/,
    /^enrolment\.(done|event|action|column)\.\w+$/,
    /^calendar\.as\.\w+$/,
    /^absences\.states\.\w+$/,
    /^logs\.act\.\w+$/,
    /^numbers\.kind\.\w+$/,
    /^records\.(act|state|field)\.\w+$/,
    /^changes\.(kind|state|field|employment|paper|likeness|act|decision|confirm|done)\.\w+$/,
    /^payment\.(act|did|event|total|preview)\.\w+$/,
    /^payment\.(xlsx|csv|pain001|waiting|proposed|repaired|pending|open|done)$/,
    /^figures\.(preset|by|group|column|link)\.\w+$/,
    /^board\.part\.\w+$/,
    /^figures\.(average|p90)$/,
    /^sign_on\.refused\.\w+$/,
    /^papers\.kind\.\w+$/,
    /^orgs\.(right|kind|field|act|explain|user_state)\.\w+$/,
  ]
  const all = sources.map(([, text]) => text).join('\n')
  const idle = keys(zhCn).filter((key) => !composed.some((c) => c.test(key)) && !all.includes(`'${key}'`) && !all.includes(`"${key}"`))
  expect(idle).toEqual([])
})
