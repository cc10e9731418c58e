// An edit dialog's saving: faults at their fields, everything else as a message.
import { ref } from 'vue'
import { ProblemError } from '@/api/problem'
import { translate } from '@/locales'
import { showDone, showProblem } from '@/ui/problems'

export function useEdit(done: () => void) {
  const busy = ref(false)
  const faults = ref<Record<string, string>>({})

  async function save(act: () => Promise<unknown>): Promise<void> {
    if (busy.value) return
    busy.value = true
    faults.value = {}
    try {
      await act()
      showDone(translate('records.saved'))
      done()
    } catch (error) {
      if (!(error instanceof ProblemError) || !error.fields.length) showProblem(error)
      else faults.value = Object.fromEntries(error.fields.map((f) => [f.field, f.message]))
    } finally {
      busy.value = false
    }
  }

  return { busy, faults, save }
}
