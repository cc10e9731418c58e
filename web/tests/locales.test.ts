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
    DenyReason: 'deny_reason', WithdrawReason: 'withdraw_reason',
  }
  for (const [schema, table] of Object.entries(tables)) {
    const codes = schemas[schema]?.enum ?? []
    expect(codes.length, schema).toBeGreaterThan(0)
    for (const code of codes) expect(zhCn.word[table], `${schema}.${code}`).toHaveProperty(code)
  }
})
