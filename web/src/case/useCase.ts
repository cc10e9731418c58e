// One case on its page: the server's view, the draft being entered, and the acts. What was typed is never
// overwritten by what arrives: a draft is adopted only while nothing unsaved stands in it.
import { computed, onActivated, onDeactivated, onUnmounted, reactive, ref, shallowRef, watch } from 'vue'
import { answer, client } from '@/api/client'
import { ProblemError } from '@/api/problem'
import type { ActionKind, CaseView, Incident, Injury, Payee, Statement, WarningReason } from '@/api/types'
import { countAgain } from '@/frame/counts'
import { describe, guard } from '@/frame/tabs'
import { showProblem } from '@/ui/problems'
import { WHOLE } from '@/ui/shares'

const AUTOSAVE_AFTER = 2500

export interface Draft { payees: Payee[]; incident: Incident; statements: Statement[]; warning_reasons: WarningReason[] }

export function emptyPayee(): Payee {
  return { relation: null, name: '', phone: '', account_no: '', bank_name: '', share: WHOLE }
}

/** One whose grade isn't chosen yet: the server takes it in a draft; before 申领计算 it has to be chosen. */
export function emptyInjury(): Injury {
  return { grade: 0, part: '' }
}

export function emptyStatement(view: CaseView): Statement {
  return {
    hospital: '', hospital_level: null, insurance_type: 'employee', admitted_on: view.incident_date, discharged_on: null, days: null, total_fen: null, pooled_fund_paid_fen: null,
    other_paid_fen: null, self_pay_fen: null, deductible_fen: null, upfront_self_pay_fen: null, out_of_scope_fen: null, personal_account_paid_fen: null, cash_paid_fen: null,
    actual_paid_fen: null, non_local: false, non_local_registered: false, invoice_no: '', diagnosis: '', department: '',
  }
}

function entered(view: CaseView): Draft {
  const warning_reasons = view.warnings.filter((w) => w.reason).map(({ code, statement, reason }) => ({ code, statement: statement ?? null, reason }))
  return structuredClone({ payees: view.payees, incident: view.incident, statements: view.statements.map((s) => ({ ...s, days: null })), warning_reasons })
}

/** Known things are filled in: the payee is the member (where the member lives), the account stands on the bank card's photo, else it is the one on record. */
function prefill(view: CaseView, draft: Draft): boolean {
  const { incident } = draft
  if (draft.payees.length || incident.cause) return false
  const card = view.materials.find((m) => m.fields.some((f) => f.code === 'account_no'))
  const typed = (code: string) => card?.fields.find((f) => f.code === code)?.value ?? ''
  const onCard = { account_no: typed('account_no'), bank_name: typed('bank_name') }
  const account = onCard.account_no ? onCard : (view.accounts[0] ?? onCard)
  const self: Partial<Payee> = { relation: 'self', name: view.member.name, phone: view.member.phone, ...account }
  draft.payees.push(view.several_payees ? emptyPayee() : { ...emptyPayee(), ...self })
  if (view.grade_options.length && !incident.injuries?.length) incident.injuries = [emptyInjury()]
  incident.from = view.incident_date
  if (view.needs_statements && !draft.statements.length) draft.statements.push(emptyStatement(view))
  return true
}

export function useCase(id: number, tabKey: string) {
  const view = shallowRef<CaseView | null>(null)
  const error = ref<ProblemError | null>(null)
  const busy = ref<string | null>(null)
  const conflict = ref(false)
  const savedAt = ref<Date | null>(null)
  const faults = ref<Record<string, string>>({})
  const amountFaults = reactive(new Set<string>())
  const draft = reactive<Draft>({ payees: [], incident: { cause: '', from: null, to: null, class_code: null, injuries: [] }, statements: [], warning_reasons: [] })
  const saved = ref('')
  const prefilled = ref(false)
  const text = computed(() => JSON.stringify(draft))
  const action = (name: ActionKind) => view.value?.allowed_actions.find((a) => a.action === name)
  const editable = computed(() => {
    const save = action('save_draft')
    return save !== undefined && save.blockers.length === 0
  })
  const dirty = computed(() => editable.value && text.value !== saved.value)
  let timer: ReturnType<typeof setTimeout> | undefined
  let saving: Promise<boolean> | null = null

  function show(now: CaseView): void {
    view.value = now
    describe(tabKey, now.no.slice(-7))
  }

  function adopt(now: CaseView): void {
    show(now)
    const next = entered(now)
    prefilled.value = editable.value && prefill(now, next)
    if (editable.value && !next.payees.length) next.payees.push(emptyPayee())
    Object.assign(draft, next)
    saved.value = text.value
    conflict.value = false
    faults.value = {}
    amountFaults.clear()
  }

  async function load(): Promise<void> {
    try {
      const now = await answer(client.GET('/api/cases/{id}', { params: { path: { id } } }))
      if (dirty.value) {
        conflict.value = now.version !== view.value?.version
        if (!conflict.value) show(now)
      } else {
        adopt(now)
      }
      error.value = null
    } catch (problem) {
      if (!(problem instanceof ProblemError)) throw problem
      error.value = problem
    }
  }

  /** Throws away what isn't saved and shows the case as it is now. */
  async function reload(): Promise<void> {
    saved.value = text.value
    await load()
  }

  async function put(): Promise<boolean> {
    const sent = text.value
    faults.value = {}
    try {
      const body = { ...(JSON.parse(sent) as Draft), version: view.value?.version ?? 0 }
      show(await answer(client.PUT('/api/cases/{id}/draft', { params: { path: { id } }, body })))
      saved.value = sent
      prefilled.value = false
      savedAt.value = new Date()
      return true
    } catch (problem) {
      if (!(problem instanceof ProblemError)) throw problem
      if (problem.code === 'stale_version' || problem.code === 'held_by_other') conflict.value = true
      if (problem.fields.length) faults.value = Object.fromEntries(problem.fields.map((f) => [f.field, f.message]))
      else showProblem(problem)
      return false
    }
  }

  /** 保存: one at a time; true where everything typed is kept. */
  async function save(): Promise<boolean> {
    clearTimeout(timer)
    if (saving) await saving
    if (!editable.value || conflict.value || amountFaults.size) return false
    if (!dirty.value && !prefilled.value) return true
    saving = put().finally(() => (saving = null))
    return saving
  }

  /** Does an act with the version that is shown; the answer is the case as it is then. */
  async function act(name: string, call: (version: number) => Promise<{ data?: CaseView }>): Promise<boolean> {
    if (busy.value) return false
    busy.value = name
    try {
      if ((dirty.value || prefilled.value) && editable.value && !(await save())) return false
      const now = await answer(call(view.value?.version ?? 0))
      if (now) adopt(now)
      return true
    } catch (problem) {
      showProblem(problem)
      await load()
      // After loading, which forgets what was wrong before.
      if (problem instanceof ProblemError && problem.fields.length) faults.value = Object.fromEntries(problem.fields.map((f) => [f.field, f.message]))
      return false
    } finally {
      busy.value = null
      void countAgain()
    }
  }

  watch(text, () => {
    clearTimeout(timer)
    if (dirty.value && !conflict.value) timer = setTimeout(() => void save(), AUTOSAVE_AFTER)
  })
  let active = false
  const onKey = (event: KeyboardEvent) => {
    if (!active || !(event.ctrlKey || event.metaKey) || event.key !== 's') return
    event.preventDefault()
    void save()
  }
  addEventListener('keydown', onKey)
  const unguard = guard(tabKey, () => dirty.value)
  onActivated(() => {
    active = true
    void load()
  })
  onDeactivated(() => (active = false))
  onUnmounted(() => {
    clearTimeout(timer)
    removeEventListener('keydown', onKey)
    unguard()
  })

  return { view, error, busy, conflict, savedAt, faults, amountFaults, draft, dirty, editable, action, load, reload, save, act }
}

export type CaseModel = ReturnType<typeof useCase>
