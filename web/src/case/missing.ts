// What a reviewer ticks and types of what is missing (补正), and what of it is sent.
import type { MissingItem } from '@/api/types'

export interface Missing {
  kinds: string[]
  /** What exactly is wanted of a kind. */
  about: Record<string, string>
  words: string[]
  until: string | null
}

export function nothingMissing(): Missing {
  return { kinds: [], about: {}, words: [], until: null }
}

export function itemsOf(missing: Missing): MissingItem[] {
  const words = missing.words.map((w) => w.trim()).filter(Boolean)
  return [...missing.kinds.map((kind) => ({ kind, what: (missing.about[kind] ?? '').trim() })), ...words.map((w) => ({ kind: null, what: w }))]
}
