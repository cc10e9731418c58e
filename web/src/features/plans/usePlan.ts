// One version or draft, shared by all tabs of its page. The text is the truth: the form and the examples write into it,
// and what is shown of it comes from checking it.
import { computed, nextTick, onActivated, onDeactivated, onUnmounted, ref, shallowRef, watch } from 'vue'
import { answer, client } from '@/api/client'
import { ProblemError } from '@/api/problem'
import type { DraftEvent, Plan, PlanCheck, PlanDraft, PlanVersion } from '@/api/types'
import { describe, guard } from '@/frame/tabs'
import { debounced } from '@/ui/debounce'
import { showProblem } from '@/ui/problems'
import { useForm } from './useForm'

const CHECK_AFTER = 400

export type Kind = 'versions' | 'drafts'

export function usePlan(kind: Kind, id: number, tabKey: string) {
  const version = shallowRef<PlanVersion | null>(null)
  const draft = shallowRef<PlanDraft | null>(null)
  const text = ref('')
  const saved = ref('')
  const check = shallowRef<PlanCheck | null>(null)
  /** The last plan that had no faults: names things while the text is being mended. */
  const plan = shallowRef<Plan | null>(null)
  /** The text that `check` is of. */
  const checked = ref('')
  const checking = computed(() => checked.value !== text.value)
  const checkFailed = ref('')
  const error = ref<ProblemError | null>(null)
  const conflict = ref(false)
  const busy = ref<DraftEvent | null>(null)
  const savedAt = ref<Date | null>(null)
  const loaded = computed(() => version.value !== null || draft.value !== null)
  const action = (event: DraftEvent) => draft.value?.allowed_actions.find((a) => a.action === event)
  const editable = computed(() => action('save')?.blockers.length === 0)
  const form = useForm({ text, check, editable })
  const dirty = computed(() => editable.value && (text.value !== saved.value || form.pending.value))
  const failing = computed(() => check.value?.examples.filter((e) => !e.passes).length ?? 0)
  let asked = 0

  function look(at: string, found: PlanCheck): void {
    asked += 1
    checked.value = at
    check.value = found
    checkFailed.value = ''
    if (found.plan) plan.value = found.plan
  }

  async function checkNow(): Promise<void> {
    later.cancel()
    const mine = ++asked
    const source = text.value
    try {
      const found = await answer(client.POST('/api/plans/check', { body: { source } }))
      if (mine === asked) look(source, found)
    } catch (problem) {
      if (!(problem instanceof ProblemError)) throw problem
      if (mine === asked) checkFailed.value = problem.message
    }
  }
  const later = debounced(() => void checkNow(), CHECK_AFTER)
  watch(text, (now) => (now === checked.value ? later.cancel() : later()))

  function adopt(now: PlanDraft): void {
    draft.value = now
    text.value = now.source
    saved.value = now.source
    conflict.value = false
    look(now.source, now.check)
  }

  async function load(): Promise<void> {
    const path = { path: { id } }
    try {
      if (kind === 'versions') {
        const now = await answer(client.GET('/api/plans/versions/{id}', { params: path }))
        version.value = now
        text.value = saved.value = now.source
        look(now.source, now.check)
      } else {
        const now = await answer(client.GET('/api/plans/drafts/{id}', { params: path }))
        if (dirty.value) conflict.value = now.seq !== draft.value?.seq
        else adopt(now)
      }
      error.value = null
    } catch (problem) {
      if (!(problem instanceof ProblemError)) throw problem
      error.value = problem
    }
  }

  /** Throws away what isn't saved and shows the draft as it is now. */
  async function reload(): Promise<void> {
    form.drop()
    saved.value = text.value
    await load()
  }

  /** Keeps what was typed, to be saved over what somebody else saved. */
  async function keepMine(): Promise<void> {
    try {
      const now = await answer(client.GET('/api/plans/drafts/{id}', { params: { path: { id } } }))
      draft.value = now
      saved.value = now.source
      conflict.value = false
    } catch (problem) {
      showProblem(problem)
    }
  }

  async function run(event: DraftEvent, call: (seq: number) => Promise<{ data?: PlanDraft }>): Promise<boolean> {
    if (busy.value) return false
    busy.value = event
    try {
      const sent = text.value
      const now = await answer(call(draft.value?.seq ?? 0))
      if (text.value === sent) {
        adopt(now)
      } else {
        draft.value = now
        saved.value = sent
      }
      return true
    } catch (problem) {
      if (problem instanceof ProblemError && problem.code === 'draft_stale') conflict.value = true
      else showProblem(problem)
      return false
    } finally {
      busy.value = null
    }
  }

  async function save(): Promise<boolean> {
    await form.write()
    if (!editable.value || conflict.value) return false
    if (text.value === saved.value) return true
    const source = text.value
    const done = await run('save', (seq) => client.PUT('/api/plans/drafts/{id}', { params: { path: { id } }, body: { seq, source } }))
    if (done) savedAt.value = new Date()
    return done
  }

  async function act(event: Exclude<DraftEvent, 'save'>, note: string | null = null): Promise<boolean> {
    return run(event, (seq) => {
      const options = { params: { path: { id } }, body: { seq, note } }
      if (event === 'propose') return client.POST('/api/plans/drafts/{id}/propose', options)
      if (event === 'publish') return client.POST('/api/plans/drafts/{id}/publish', options)
      if (event === 'return') return client.POST('/api/plans/drafts/{id}/return', options)
      return client.POST('/api/plans/drafts/{id}/discard', options)
    })
  }

  watch([plan, version, draft], () => {
    const name = plan.value?.name ?? version.value?.version.name ?? ''
    describe(tabKey, name ? `${name} ${plan.value?.version ?? ''}`.trim() : `#${id}`)
  })

  let active = false
  const onKey = (event: KeyboardEvent) => {
    if (!active || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's' || kind === 'versions') return
    event.preventDefault()
    void save()
  }
  addEventListener('keydown', onKey)
  const unguard = guard(tabKey, () => dirty.value)
  onActivated(() => {
    active = true
    void nextTick(load)
  })
  onDeactivated(() => (active = false))
  onUnmounted(() => {
    later.cancel()
    removeEventListener('keydown', onKey)
    unguard()
  })

  return { kind, id, version, draft, text, saved, check, plan, checked, checking, checkFailed, error, conflict, busy, savedAt, loaded, action, editable, form, dirty, failing, load, reload, keepMine, save, act, checkNow }
}

export type PlanModel = ReturnType<typeof usePlan>
