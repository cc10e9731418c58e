// What the history of a record says: never a code of the server's, and only what differs.
import { expect, test } from 'vitest'
import { told } from '@/features/records/history'

const none = { moved: { cases: [], coverages: [], doubled: [], followers: [] }, other: null, unit_id: null, member: null, coverage: null }
const change = (before: object, asked: object) => told({ before: { ...none, ...before }, after: { change_no: 'BG1', after: asked } })

test('a change of data names only the fields that differ', () => {
  const stood = { name: '甲', phone: '13900000005', sex: 'male' }
  expect(change({ member: stood }, { kind: 'member_data', ...stood, phone: '13911110006' })).toEqual({
    change: 'BG1', made: false, lines: [{ field: 'phone', before: '13900000005', after: '13911110006' }],
  })
})

test('the last day of an ended coverage stands beside the one it had', () => {
  const { lines } = change({ coverage: { from: '2026-01-01', to: '2026-12-31', shares: 1 } }, { kind: 'coverage_end', coverage_id: 5, last_day: '2026-11-30' })
  expect(lines).toEqual([{ field: 'period_to', before: '2026-12-31', after: '2026-11-30' }])
})

test.each([
  ['what is new has nothing before it', { kind: 'bank_account', account_no: '6222', bank_name: '银行' }, ['account_no', 'bank_name']],
  ['a transfer has a day of effect, and no id of a unit', { kind: 'transfer', unit_id: 7, from: '2026-12-01' }, ['effective_on']],
  ['a merge says nothing by fields', { kind: 'merge', other_id: 9 }, []],
])('%s', (_, asked, fields) => {
  const said = change({}, asked)
  expect(said.made).toBe(true)
  expect(said.lines.map((l) => l.field)).toEqual(fields)
})

test('a dictionary keeps its own fields', () => {
  expect(told({ before: null, after: { name: '医院', active: true } })).toMatchObject({ change: null, made: true, lines: [{ field: 'name' }, { field: 'active' }] })
  expect(told({ before: { name: '医院', active: true }, after: { name: '医院', active: false } }).lines).toEqual([{ field: 'active', before: true, after: false }])
})
