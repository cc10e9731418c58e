// The pages that are open, each with its state. Kept for the browser tab's life.
import { reactive, ref, watch } from 'vue'
import type { RouteLocationNormalizedLoaded } from 'vue-router'
import { translate } from '@/locales'
import { router } from '@/router'
import { confirmed } from '@/ui/problems'

export interface Tab {
  key: string
  path: string
  title: string
  /** What the title stands for, such as a case number. */
  detail: string
  pinned: boolean
  /** Counts refreshes: another number, another component. */
  life: number
}

const KEY = 'huzhu.tabs'
const HOME: Tab = { key: '/', path: '/', title: 'pages.home', detail: '', pinned: true, life: 0 }

function kept(): Tab[] {
  const stored = sessionStorage.getItem(KEY)
  const tabs = stored ? (JSON.parse(stored) as Tab[]) : []
  return tabs.some((t) => t.key === '/') ? tabs : [HOME, ...tabs]
}

export const tabs = reactive<Tab[]>(kept())
export const current = ref('/')
const guards = new Map<string, () => boolean>()

watch(tabs, (now) => sessionStorage.setItem(KEY, JSON.stringify(now)))

export function keyOf(route: RouteLocationNormalizedLoaded): string {
  return route.path
}

/** A route was entered: its tab comes to the front. */
export function entered(route: RouteLocationNormalizedLoaded): void {
  const key = keyOf(route)
  current.value = key
  const known = tabs.find((t) => t.key === key)
  if (known) known.path = route.fullPath
  else tabs.push({ key, path: route.fullPath, title: route.meta.title ?? 'pages.home', detail: '', pinned: false, life: 0 })
}

export function describe(key: string, detail: string): void {
  const tab = tabs.find((t) => t.key === key)
  if (tab) tab.detail = detail
}

/** `isDirty` says whether closing the tab would lose something. */
export function guard(key: string, isDirty: () => boolean): () => void {
  guards.set(key, isDirty)
  return () => guards.delete(key)
}

export function anythingUnsaved(): boolean {
  return [...guards.values()].some((isDirty) => isDirty())
}

export async function close(key: string): Promise<void> {
  const at = tabs.findIndex((t) => t.key === key)
  const tab = tabs[at]
  if (!tab || tab.pinned) return
  if (guards.get(key)?.() && !(await confirmed([translate('frame.unsaved', { title: `${translate(tab.title)} ${tab.detail}` })]))) return
  guards.delete(key)
  if (current.value === key) await router.push((tabs[at + 1] ?? tabs[at - 1] ?? HOME).path)
  tabs.splice(tabs.indexOf(tab), 1)
}

export async function closeOthers(key: string): Promise<void> {
  for (const other of tabs.filter((t) => t.key !== key && !t.pinned)) await close(other.key)
}

export function refresh(key: string): void {
  const tab = tabs.find((t) => t.key === key)
  if (tab) tab.life += 1
}

export function closeAll(): void {
  tabs.splice(0, tabs.length, { ...HOME })
  guards.clear()
}
