// Which bank an account number is of. Proposed where no bank is typed yet, never put over what is there.
import { ref } from 'vue'
import { answer, client } from '@/api/client'
import { ProblemError } from '@/api/problem'
import { debounced } from '@/ui/debounce'

/** Digits from which on a number is asked for. */
const ENOUGH = 12

export function useBank() {
  /** What is doubtful, by the number that it is said of. */
  const doubts = ref<Record<string, string>>({})

  const ask = debounced(async (accountNo: string, propose: (name: string) => void) => {
    try {
      const found = await answer(client.POST('/api/banks/recognise', { body: { account_no: accountNo } }))
      doubts.value = { ...doubts.value, [accountNo]: found.warnings.map((w) => w.message).join('；') }
      if (found.bank_name) propose(found.bank_name)
    } catch (error) {
      // Without the proposal the name is typed as ever.
      if (!(error instanceof ProblemError)) throw error
    }
  }, 400)

  function typed(accountNo: string, propose: (name: string) => void): void {
    if (accountNo.length < ENOUGH) ask.cancel()
    else ask(accountNo, propose)
  }

  return { doubts, typed }
}
