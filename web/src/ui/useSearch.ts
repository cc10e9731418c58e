// A search form with its page of results: what was searched stays when one comes back.
import { onActivated, reactive, ref, shallowRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { ProblemError } from '@/api/problem'
import type { Page } from '@/api/types'

type Form = Record<string, unknown>

interface Options<F extends Form, P> {
  form: F
  /** Fields that may stand in the address: nothing that tells who somebody is. */
  inUrl?: (keyof F & string)[]
  fetch: (form: F & { page: number; size: number }) => Promise<P>
}

/** Blank fields are not sent. */
function filled<F extends Form>(form: F): F {
  return Object.fromEntries(Object.entries(form).map(([k, v]) => [k, v === '' ? null : v])) as F
}

export function useSearch<T, F extends Form, P extends Page<T> = Page<T>>(options: Options<F, P>) {
  const route = useRoute()
  const router = useRouter()
  const form = reactive({ ...options.form }) as F
  const page = ref(1)
  const size = ref(20)
  const found = shallowRef<P | null>(null)
  const loading = ref(false)
  const error = ref<ProblemError | null>(null)
  const path = route.path
  const fields = options.inUrl ?? []
  const words: Record<string, unknown> = { true: true, false: false }
  const inForm = () => Object.fromEntries(fields.map((name) => [name, form[name]] as const).filter(([, v]) => v != null && v !== '').map(([k, v]) => [k, String(v)]))
  const inAddress = () => Object.fromEntries(fields.map((name) => [name, route.query[name]] as const).filter(([, v]) => typeof v === 'string')) as Record<string, string>

  /** A link that says what is searched is followed; one that doesn't leaves what was searched before. */
  function follow(): void {
    const given = inAddress()
    if (!Object.keys(given).length || JSON.stringify(given) === JSON.stringify(inForm())) return
    Object.assign(form, options.form)
    for (const [name, value] of Object.entries(given)) (form as Form)[name] = /^\d+$/.test(value) && name.endsWith('_id') ? Number(value) : (words[value] ?? value)
    page.value = 1
  }
  follow()
  let asked = 0

  async function load(): Promise<void> {
    const mine = ++asked
    loading.value = true
    try {
      const answer = await options.fetch({ ...filled(form), page: page.value, size: size.value })
      if (mine !== asked) return
      found.value = answer
      error.value = null
    } catch (problem) {
      if (!(problem instanceof ProblemError)) throw problem
      if (mine === asked) error.value = problem
    } finally {
      if (mine === asked) loading.value = false
    }
  }

  function keepInUrl(): void {
    if (router.currentRoute.value.path !== path) return
    void router.replace({ path, query: inForm() })
  }

  async function search(): Promise<void> {
    page.value = 1
    keepInUrl()
    await load()
  }

  async function reset(): Promise<void> {
    Object.assign(form, options.form)
    await search()
  }

  async function turn(to: number, newSize = size.value): Promise<void> {
    page.value = newSize === size.value ? to : 1
    size.value = newSize
    await load()
  }

  onActivated(() => {
    if (route.path === path) follow()
    void load()
  })
  return { form, page, size, found, loading, error, search, reset, turn, load }
}
