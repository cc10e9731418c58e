import { describe, expect, test } from 'vitest'
import type { Example, Plan } from '@/api/types'
import { alignLines } from '@/features/plans/diff'
import { expectAmount, hasComments, insertExample, movedUnder, nextYear, removeExample, underHead } from '@/features/plans/text'
import { exampleText, filled, planText } from '@/features/plans/toml'
import { percentOf, rateOf } from '@/features/plans/values'

const TEXT = `# 头注
code = "a"
version = "2026"
effective_from = "2026-01-01"
effective_to = "2026-12-31"

[[liability]]
code = "one" # 注

[liability.benefit.fixed_sum]
amount = "100"

[[liability.example]]
name = "甲"
amount = "100"

[[liability.example]]
name = "乙"
amount = "200" # 示例
[liability.example.coverage]
from = "2026-02-01"

# 第二项
[[liability]]
code = "two"

[[group]]
code = "g"
`
const plan = { liability: [{ code: 'one', example: [{}, {}] }, { code: 'two' }] } as unknown as Plan

describe('the text is changed where it is, and nowhere else', () => {
  test('an example is put at the end of its liability', () => {
    const text = insertExample(TEXT, plan, 'one', '[[liability.example]]\nname = "丙"\n') ?? ''
    expect(text).toContain('from = "2026-02-01"\n\n[[liability.example]]\nname = "丙"\n\n# 第二项')
    expect(text.replace('\n[[liability.example]]\nname = "丙"\n', '')).toBe(TEXT)
    expect(insertExample(TEXT, plan, 'two', 'x')).toContain('code = "two"\n\nx\n\n[[group]]')
  })
  test('one is taken out with what belongs to it', () => {
    expect(removeExample(TEXT, plan, 'one', 1)).toContain('amount = "100"\n\n# 第二项')
    expect(removeExample(TEXT, plan, 'one', 0)).not.toContain('甲')
    expect(removeExample(TEXT, plan, 'one', 2)).toBeNull()
  })
  test('its amount is changed, its comment kept', () => expect(expectAmount(TEXT, plan, 'one', 1, '210.00')).toContain('amount = "210.00" # 示例'))
  test('a text that is written in another way is left alone', () => expect(insertExample('liability = []', plan, 'one', 'x')).toBeNull())
})

test('the next year moves version and dates of the head alone', () => {
  const next = nextYear(TEXT)
  expect(next).toContain('version = "2027"\neffective_from = "2027-01-01"\neffective_to = "2027-12-31"')
  expect(next).toContain('from = "2026-02-01"')
  expect(nextYear('effective_to = "2028-02-29"')).toBe('effective_to = "2029-02-28"')
})

test('a case’s facts are moved under the version', () => {
  const under = { effective_from: '2027-01-01', effective_to: '2027-12-31' } as Plan
  const facts = { name: 'x', coverage: { from: '2024-02-29', to: '2025-02-27' }, incident_date: '2024-08-16' } as Example
  expect(movedUnder(facts, under)).toEqual({ years: 3, example: { name: 'x', coverage: { from: '2027-02-28', to: '2028-02-27' }, incident_date: '2027-08-16' } })
  expect(movedUnder({ coverage: { from: '2027-05-01', to: '2028-04-30' } } as Example, under).years).toBe(0)
})

test('the comments at the top outlive a rewritten text', () => {
  expect(hasComments(TEXT)).toBe(true)
  expect(hasComments('# 头注\ncode = "a#b"\n')).toBe(false)
  expect(underHead(TEXT, 'code = "b"\n')).toBe('# 头注\ncode = "b"\n')
})

test('what says nothing is not written', () => {
  expect(filled({ a: null, b: '', c: [], caps: { times: null }, when: {}, d: [{ e: 1, f: null }] })).toEqual({ when: {}, d: [{ e: 1 }] })
  expect(exampleText({ name: '说 "甲"', shares: 1, renewed: false, statements: [{ self_pay: '1', non_local: false }], amount: '2' }))
    .toBe('[[liability.example]]\nname = "说 \\"甲\\""\nstatements = [{ self_pay = "1" }]\namount = "2"\n')
  const whole = { code: 'a', liability: [{ code: 'one', claim_types: [], benefit: { fixed_sum: { amount: '' } }, example: [{ name: 'x' }] }] } as unknown as Plan
  expect(planText(whole)).toBe('code = "a"\n\n[[liability]]\ncode = "one"\n\n[liability.benefit.fixed_sum]\n\n[[liability.example]]\nname = "x"\n')
})

test.each([['0.50', '50'], ['50%', '50'], ['0.555', '55.5'], ['1', '100'], ['-0.1', '-10']])('the rate %s is shown as %s percent', (rate, percent) => expect(percentOf(rate)).toBe(percent))
test.each([['50', '0.5'], ['55.5', '0.555'], ['100%', '1'], ['-10', '-0.1'], ['5', '0.05'], ['x', 'x']])('%s percent is kept as %s', (percent, rate) => expect(rateOf(percent)).toBe(rate))

test('sentences stand side by side', () => {
  expect(alignLines(['a', 'b', 'c'], ['a', 'x', 'c', 'd'])).toEqual([
    { left: 'a', right: 'a' }, { left: 'b', right: 'x' }, { left: 'c', right: 'c' }, { left: null, right: 'd' },
  ])
})

test('who may be enrolled stays with the plan, and an empty section is not written', () => {
  const kept = planText({ ...plan, enrolment: { fee: '80', max_age: 65 } } as never)
  expect(kept).toContain('enrolment = { fee = "80", max_age = 65 }')
  expect(planText({ ...plan, enrolment: { fee: null, retired: undefined } } as never)).not.toContain('enrolment')
})
