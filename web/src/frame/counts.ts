// The live counters: asked every half minute while the page is looked at, and after every act.
import { ref } from 'vue'
import { client } from '@/api/client'
import type { PoolCounts, UnreadCounts } from '@/api/types'
import { session } from './session'

const EVERY = 30_000

export const counts = ref<PoolCounts | null>(null)
/** What the bell counts. */
export const unread = ref<UnreadCounts | null>(null)

/** What the page asks by itself doesn't keep a session open. */
const BY_ITSELF = { 'X-Huzhu-Poll': '1' }

export async function countAgain(headers: Record<string, string> = {}): Promise<void> {
  if (!session.value || session.value.must_change_password || session.value.must_set_second_factor) return
  // A counter that can't be had is not worth a message.
  const pools = client.GET('/api/pools/counts', { headers }).then((r) => (counts.value = r.data ?? null), () => undefined)
  await Promise.all([pools, countUnread(headers)])
}

/** Only what the bell counts: after something was read. */
export async function countUnread(headers: Record<string, string> = {}): Promise<void> {
  await client.GET('/api/messages/counts', { headers }).then((r) => (unread.value = r.data ?? null), () => undefined)
}

export function startCounting(): void {
  void countAgain()
  setInterval(() => document.visibilityState === 'visible' && void countAgain(BY_ITSELF), EVERY)
}
