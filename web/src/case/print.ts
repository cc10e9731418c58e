import { router } from '@/router'
import type { CasePaper } from '@/api/types'

/** Opens papers of one kind in a tab of their own, ready to be printed. */
export function openPapers(paper: CasePaper, cases: number[]): void {
  globalThis.open(router.resolve({ path: `/print/${paper}`, query: { cases: cases.join() } }).href, '_blank', 'noopener')
}
