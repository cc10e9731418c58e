// Streams the file of everything found; it can be stopped.
import { ref } from 'vue'
import { translate } from '@/locales'
import { download } from '@/ui/download'
import { today } from '@/ui/format'
import { showDone, showProblem } from '@/ui/problems'

export function useExport(url: string, title: string) {
  const received = ref<number | null>(null)
  let stop: AbortController | null = null

  async function run(form: Record<string, unknown>): Promise<void> {
    const mine = new AbortController()
    stop = mine
    received.value = 0
    try {
      const filled = Object.fromEntries(Object.entries(form).filter(([, v]) => v !== '' && v != null))
      await download(url, filled, `${translate(title)}-${today()}.xlsx`, mine.signal, (n) => (received.value = n))
      showDone(translate('records.exported'))
    } catch (error) {
      if (!mine.signal.aborted) showProblem(error)
    } finally {
      received.value = null
    }
  }

  return { received, run, cancel: () => stop?.abort() }
}
