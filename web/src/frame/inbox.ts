// What concerns one: where a message leads, and that it was read.
import { client } from '@/api/client'
import type { MessageRow } from '@/api/types'
import { countUnread } from './counts'

const PAGES: Record<string, string> = { case: '/cases/', change: '/changes/', enrolment: '/enrolments/', payment_batch: '/payment-batches/' }

/** The page of what a message is about; null where there is none. */
export function pageOf(message: MessageRow): string | null {
  if (message.object_kind === 'absence') return '/todo'
  const page = PAGES[message.object_kind]
  return page ? `${page}${message.object_id}` : null
}

export async function markRead(message: MessageRow): Promise<void> {
  if (message.read) return
  await client.POST('/api/messages/{id}/read', { params: { path: { id: message.id } } })
  await countUnread()
}
