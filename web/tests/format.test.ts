import { describe, expect, test } from 'vitest'
import { browser, grouped, instant, money, parseYuan, stayDays } from '@/ui/format'

describe('money', () => {
  test.each([
    [328_300, '3,283.00'], [0, '0.00'], [5, '0.05'], [-105, '-1.05'], [9_999_999_999, '99,999,999.99'],
  ])('%i fen is shown as %s', (fen, text) => expect(money(fen)).toBe(text))

  test.each([
    ['3,283.00', 328_300], ['１２．５', 1250], ['0.1', 10], [' 12 ', 1200], ['', null], ['12.', 1200],
    ['1.005', 'amount_format'], ['1e9', 'amount_format'], ['abc', 'amount_format'], ['-0.01', 'amount_negative'], ['1000000000000', 'amount_large'],
  ])('%s is read as %s', (typed, fen) => expect(parseYuan(typed)).toBe(fen))
})

test('an ID number is grouped as on the card, other numbers in fours', () => {
  expect(grouped('142625196607196202')).toBe('142625 19660719 6202')
  expect(grouped('6222020909003028973')).toBe('6222 0209 0900 3028 973')
  expect(grouped('')).toBe('')
  expect(grouped('142***********6202')).toBe('142***********6202')
})

test('a stay counts its nights and at least one', () => {
  expect(stayDays('2023-10-04', '2023-10-11')).toBe(7)
  expect(stayDays('2023-10-04', '2023-10-04')).toBe(1)
  expect(stayDays('2023-10-05', '2023-10-04')).toBeNull()
})

test('an instant is shown in the society’s time zone', () => {
  expect(instant('2026-11-23T16:30:00Z')).toBe('2026-11-24 00:30')
})

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36', 'Chrome/156.0.0.0'],
  ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.1', 'Edge/150.0.1'],
  ['Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/140.0', 'Firefox/140.0'],
  ['Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15', 'Safari/18.1'],
  ['curl/8', 'curl/8'],
])('%s is called %s', (agent, name) => expect(browser(agent)).toBe(name))
