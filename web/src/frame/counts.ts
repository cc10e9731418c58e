// The live counters: asked every half minute while the page is looked at, and after every act.
import { ref } from 'vue'
import { client } from '@/api/client'
import type { PoolCounts } from '@/api/types'
import { session } from './session'

const EVERY = 30_000

export const counts = ref<PoolCounts | null>(null)

export async function countAgain(): Promise<void> {
  if (!session.value || session.value.must_change_password) return
  // A counter that can't be had is not worth a message.
  counts.value = await client.GET('/api/pools/counts').then((r) => r.data ?? null, () => counts.value)
}

export function startCounting(): void {
  void countAgain()
  setInterval(() => document.visibilityState === 'visible' && void countAgain(), EVERY)
}
