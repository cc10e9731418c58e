// Versions and drafts by a short name: `v12` a version, `d3` a draft.
import { answer, client } from '@/api/client'
import type { PlanCheck } from '@/api/types'
import { may } from '@/frame/session'
import { shallowRef } from 'vue'

export interface Source { key: string; name: string; version: string; office: string; office_id: number }
export interface Loaded extends Source { text: string; check: PlanCheck; path: string }

/** Text that isn't saved, handed from a draft's page to 测算. */
export const handed = shallowRef<{ key: string; text: string } | null>(null)

const MANY = 100

export async function findSources(): Promise<{ versions: Source[]; drafts: Source[] }> {
  const body = { page: 1, size: MANY }
  const [versions, drafts] = await Promise.all([
    answer(client.POST('/api/plans/versions/search', { body })),
    may('manage_plans', 'publish_plans') ? answer(client.POST('/api/plans/drafts/search', { body: { ...body, open: true } })) : null,
  ])
  return {
    versions: versions.items.map((v) => ({ key: `v${v.id}`, name: v.name, version: v.version, office: v.office_name, office_id: v.office_id })),
    drafts: (drafts?.items ?? []).map((d) => ({ key: `d${d.id}`, name: d.name, version: d.version, office: d.office_name, office_id: d.office_id })),
  }
}

export async function loadSource(key: string): Promise<Loaded> {
  const id = Number(key.slice(1))
  const params = { path: { id } }
  if (key.startsWith('v')) {
    const { version, source, check } = await answer(client.GET('/api/plans/versions/{id}', { params }))
    return { key, name: version.name, version: version.version, office: version.office_name, office_id: version.office_id, text: source, check, path: `/plans/versions/${id}` }
  }
  const draft = await answer(client.GET('/api/plans/drafts/{id}', { params }))
  return { key, name: draft.check.plan?.name ?? '', version: draft.check.plan?.version ?? '', office: draft.office_name, office_id: draft.office_id, text: draft.source, check: draft.check, path: `/plans/drafts/${id}` }
}
