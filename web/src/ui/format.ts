// Numbers and days as they are read here. Money is fen everywhere but on the screen.

/** 328300 → 3,283.00 */
export function money(fen: number | null | undefined): string {
  if (fen == null) return ''
  const sign = fen < 0 ? '-' : ''
  const whole = Math.trunc(Math.abs(fen) / 100).toString().replace(/\B(?=(\d{3})+$)/g, ',')
  return `${sign}${whole}.${(Math.abs(fen) % 100).toString().padStart(2, '0')}`
}

/** What a step of a calculation adds (+) or takes off (−), exactly, as the server says it in yuan; empty for nothing. */
export function changeText(yuan: string): string {
  const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(yuan)
  if (!found || /^[0.]*$/.test(yuan.replace('-', ''))) return ''
  const whole = (found[2] ?? '0').replace(/\B(?=(\d{3})+$)/g, ',')
  return `${found[1] ? '−' : '+'}${whole}.${(found[3] ?? '').padEnd(2, '0')}`
}

/** The largest amount that a field takes: 99,999,999.99 yuan. */
export const MAX_FEN = 9_999_999_999

export type AmountFault = 'amount_format' | 'amount_negative' | 'amount_large'

/** Typed yuan → fen; null for nothing; the fault where it is no amount. No floats on the way. */
export function parseYuan(typed: string): number | null | AmountFault {
  const text = typed.replace(/[,，\s¥￥元]/g, '').replace(/[０-９．－]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
  if (text === '') return null
  const found = /^(-?)(\d{1,15})(?:\.(\d{0,2}))?$/.exec(text)
  if (!found) return 'amount_format'
  if (found[1]) return 'amount_negative'
  const fen = Number(found[2]) * 100 + Number((found[3] ?? '').padEnd(2, '0'))
  return fen > MAX_FEN ? 'amount_large' : fen
}

/** As far as the server counts what a search finds. */
export const COUNTED = 1_000

/** Whether the server stopped counting; a list that it counts whole has any other total. */
export function isMore(total: number): boolean {
  return total === COUNTED + 1
}

/** How many there are; 1000+ where the server stopped counting. */
export function counted(n: number): string {
  return n > COUNTED ? `${COUNTED}+` : String(n)
}

/** 142625196607196202 → 142625 19660719 6202; other numbers in fours; one with hidden digits as it is. */
export function grouped(number: string): string {
  if (/^\d{17}[\dX]$/.test(number)) return `${number.slice(0, 6)} ${number.slice(6, 14)} ${number.slice(14)}`
  return number.includes('*') ? number : number.replace(/(.{4})(?=.)/g, '$1 ')
}

const zone = { timeZone: 'Asia/Shanghai', hour12: false } as const
const clock = new Intl.DateTimeFormat('sv-SE', { ...zone, dateStyle: 'short', timeStyle: 'short' })
const seconds = new Intl.DateTimeFormat('sv-SE', { ...zone, timeStyle: 'medium' })
const civil = new Intl.DateTimeFormat('sv-SE', { ...zone, dateStyle: 'short' })

/** An instant as day and minute in the society's time zone. */
export function instant(at: string | null | undefined): string {
  return at ? clock.format(new Date(at)) : ''
}

export function timeOfDay(at: Date): string {
  return seconds.format(at)
}

/** Today in the society's time zone, as the API writes days. */
export function today(): string {
  return civil.format(new Date())
}

/** 住院天数, as the server counts them: nights, and at least one. */
export function stayDays(from?: string | null, to?: string | null): number | null {
  if (!from || !to) return null
  const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
  return days < 0 ? null : Math.max(days, 1)
}

export function bytes(n: number): string {
  return n < 1024 * 1024 ? `${Math.ceil(n / 1024)} KB` : `${(n / 1024 / 1024).toFixed(1)} MB`
}

/** The part of what a browser says of itself that people know. */
export function browser(agent: string): string {
  // Most say that they are Chrome as well, so the others are looked for first.
  const found = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Version'].map((name) => new RegExp(`${name}/[\\d.]+`).exec(agent)?.[0]).find(Boolean)
  return found?.replace('Edg/', 'Edge/').replace('OPR/', 'Opera/').replace('Version/', 'Safari/') ?? agent
}
