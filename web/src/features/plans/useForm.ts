// The form's side of a plan: an object that is edited, and written back into the text a moment after the last change.
import { computed, nextTick, ref, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { answer, client } from '@/api/client'
import { ProblemError } from '@/api/problem'
import type { Plan, PlanCheck } from '@/api/types'
import { debounced } from '@/ui/debounce'
import { filled, planText } from './toml'
import { hasComments, underHead } from './text'

const WRITE_AFTER = 350

interface Sides { text: Ref<string>; check: ShallowRef<PlanCheck | null>; editable: ComputedRef<boolean> }

/** The server's text of a plan; it writes only what makes sense, so that a form with faults is written here. */
async function textOf(plan: Plan): Promise<string> {
  const source = planText(plan)
  try {
    const { faults } = await answer(client.POST('/api/plans/check', { body: { source } }))
    return faults.length ? source : (await answer(client.POST('/api/plans/text', { body: { plan } }))).source
  } catch (problem) {
    if (!(problem instanceof ProblemError)) throw problem
    return source
  }
}

export function useForm({ text, check, editable }: Sides) {
  const plan = ref<Plan | null>(null)
  /** Set when a first change would cost comments: asks, and says whether to go on. */
  const ask = ref<(() => Promise<boolean>) | null>(null)
  const pending = ref(false)
  /** What the form says and the text says too. */
  let known = ''
  /** The text as the form wrote it last. */
  const written = ref<string | null>(null)
  const ownText = computed(() => written.value !== null && written.value === text.value)
  let told = false
  let writing: Promise<void> | null = null

  const said = (now: Plan | null) => JSON.stringify(now && filled(now))

  function adopt(now: Plan): void {
    plan.value = JSON.parse(JSON.stringify(now)) as Plan
    known = said(plan.value)
    pending.value = false
  }

  watch(check, (now) => {
    if (!now?.plan || ownText.value || pending.value) return
    adopt(now.plan)
  })

  /** Makes the text say what the form says. Faults are found by checking the text, so that a faulty form is written too. */
  async function writeNow(): Promise<void> {
    later.cancel()
    const now = plan.value
    if (!now || said(now) === known) return void (pending.value = false)
    if (!told && hasComments(text.value) && ask.value) {
      if (!(await ask.value())) return drop()
      told = true
    }
    const sent = said(now)
    const clean = JSON.parse(sent) as Plan
    const source = await textOf(clean)
    const whole = underHead(text.value, source)
    written.value = whole
    text.value = whole
    known = sent
    pending.value = said(plan.value) !== known
    if (pending.value) later()
  }

  /** One after the other; resolves when the text says everything. */
  async function write(): Promise<void> {
    while (writing) await writing
    if (!pending.value) return
    writing = writeNow().finally(() => (writing = null))
    return writing
  }
  const later = debounced(() => void write(), WRITE_AFTER)

  watch(plan, (now) => {
    if (!editable.value || !now || said(now) === known) return
    pending.value = true
    later()
  }, { deep: true })

  /** Back to what the text says. */
  function drop(): void {
    later.cancel()
    pending.value = false
    written.value = null
    if (check.value?.plan) adopt(check.value.plan)
    void nextTick(later.cancel)
  }

  return { plan, pending, ask, ownText, write, drop }
}

export type FormModel = ReturnType<typeof useForm>
