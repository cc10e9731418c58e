// Figures as they are read.
import type { ComposerTranslation } from 'vue-i18n'
import type { Dimension, FigureRow } from '@/api/types'
import { today } from '@/ui/format'

/** Seconds → days with one decimal. */
export function days(seconds: number): string {
  return (seconds / 86_400).toFixed(1)
}

/** Basis points → 85.1%. */
export function percent(points: number | null | undefined): string {
  return points == null ? '—' : `${(points / 100).toFixed(1)}%`
}

/** A share of a whole, where there is one. */
export function share(part: number, whole: number): string {
  return whole ? `${((part / whole) * 100).toFixed(1)}%` : '—'
}

export function nameOf(t: ComposerTranslation, row: FigureRow, by: Dimension): string {
  if (by === 'claim_type') return t(`word.claim_type.${row.key}`)
  return row.name || row.key
}

export type Range = { from: string; to: string }
export const PRESETS = ['month', 'quarter', 'year', 'months12', 'last_year'] as const
export type Preset = (typeof PRESETS)[number]

/** A usual range that ends today or with last year. */
export function preset(which: Preset, now = today()): Range {
  const year = Number(now.slice(0, 4))
  const month = Number(now.slice(5, 7))
  const first = (y: number, m: number) => `${y + Math.floor((m - 1) / 12)}-${String(((m - 1 + 120) % 12) + 1).padStart(2, '0')}-01`
  switch (which) {
    case 'month': return { from: first(year, month), to: now }
    case 'quarter': return { from: first(year, month - ((month - 1) % 3)), to: now }
    case 'year': return { from: first(year, 1), to: now }
    case 'months12': return { from: first(year, month - 11), to: now }
    case 'last_year': return { from: first(year - 1, 1), to: `${year - 1}-12-31` }
  }
}
