// A form in a dialog: busy while it is sent, the server's faults beside the fields, everything else as a message.
import { ref } from 'vue'
import { ProblemError } from '@/api/problem'
import { showProblem } from './problems'

export function useSending() {
  const busy = ref(false)
  const faults = ref<Record<string, string>>({})

  /** Whether it was done. */
  async function send(doing: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    faults.value = {}
    try {
      await doing()
      return true
    } catch (error) {
      if (error instanceof ProblemError && error.fields.length) faults.value = error.faults
      else showProblem(error)
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, faults, send }
}
