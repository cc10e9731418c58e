// Rates as people read them. No floats on the way.

/** Moves a decimal's point: ("0.50", 2) → "50", ("55.5", -2) → "0.555". */
export function shifted(decimal: string, places: number): string {
  const found = /^(-?)(\d*)\.?(\d*)$/.exec(decimal.trim())
  if (!found || !(found[2] || found[3])) return decimal
  const [, sign = '', whole = '', rest = ''] = found
  const at = whole.length + places
  const digits = at < 0 ? '0'.repeat(-at) + whole + rest : whole + rest
  const point = Math.max(at, 0)
  const padded = digits.padEnd(point, '0')
  const left = padded.slice(0, point).replace(/^0+(?=\d)/, '') || '0'
  const right = padded.slice(point).replace(/0+$/, '')
  return `${sign}${left}${right ? `.${right}` : ''}`
}

/** "0.50" and "50%" → "50". */
export function percentOf(rate: string): string {
  return rate.trim().endsWith('%') ? rate.trim().slice(0, -1).trim() : shifted(rate, 2)
}

/** "50" → "0.5", as the text writes rates; what is no number is left for the check to refuse. */
export function rateOf(percent: string): string {
  const typed = percent.trim().replace(/[%％]$/, '')
  return /^-?\d*\.?\d*$/.test(typed) && /\d/.test(typed) ? shifted(typed, -2) : percent
}

export function plainAmount(typed: string): string {
  return typed.replace(/[,，\s¥￥元]/g, '').replace(/[０-９．]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
}
