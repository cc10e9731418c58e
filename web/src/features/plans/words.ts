import type { Explained } from '@/api/types'

export interface Titled { key: string; title: string; clause: string; liability: string | null; sentences: string[] }

/** Each part with a title: what is said of the whole plan stands first, what papers are needed last. */
export function titled(words: Explained[], t: (key: string) => string): Titled[] {
  return words.map((w, i) => {
    const title = w.name || t(i === 0 ? 'plans.general' : 'plans.papers')
    return { key: w.liability ?? (w.name ? `group:${w.name}` : i === 0 ? 'general' : 'papers'), title, clause: w.clause, liability: w.liability ?? null, sentences: w.sentences }
  })
}
