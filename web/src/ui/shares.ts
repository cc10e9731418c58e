// Shares of a benefit in 万分比 (10000 is 100 %), typed and shown as per cent. No floats on the way.

/** 100 %. */
export const WHOLE = 10_000

/** 3333 → 33.33 */
export function shareText(share: number): string {
  return `${Math.trunc(share / 100)}.${(share % 100).toString().padStart(2, '0')}`
}

/** Typed per cent → 万分比; null where it is none from 0 to 100 with at most two decimals. */
export function parseShare(typed: string): number | null {
  const text = typed.replace(/[\s%％]/g, '').replace(/[０-９．]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
  const found = /^(\d{1,3})(?:\.(\d{0,2}))?$/.exec(text)
  if (!found) return null
  const share = Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0'))
  return share > WHOLE ? null : share
}

/** 平均分配: equal shares that come to the whole, the first ones one more where they can't be equal. */
export function evenShares(n: number): number[] {
  return Array.from({ length: n }, (_, i) => Math.trunc(WHOLE / n) + (i < WHOLE % n ? 1 : 0))
}

/** What each share of an amount is, as the server splits it: the rest goes to the largest remainders, the first first. */
export function splitFen(fen: number, shares: number[]): number[] {
  const whole = shares.reduce((a, b) => a + b, 0)
  if (!whole) return shares.map(() => 0)
  const exact = shares.map((s) => BigInt(fen) * BigInt(s))
  const parts = exact.map((e) => Number(e / BigInt(whole)))
  const left = fen - parts.reduce((a, b) => a + b, 0)
  const remainder = (i: number) => Number((exact[i] ?? 0n) % BigInt(whole))
  const order = shares.map((_, i) => i).sort((a, b) => remainder(b) - remainder(a) || a - b)
  return parts.map((p, i) => p + (order.indexOf(i) < left ? 1 : 0))
}
