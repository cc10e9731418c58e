// Examples are changed in the text, so that its comments stay; where the text is written in another way, through the form.
import type { Example, Plan } from '@/api/types'
import { translate } from '@/locales'
import { showProblem } from '@/ui/problems'
import { ProblemError } from '@/api/problem'
import { expectAmount, insertExample, lineOfExample, removeExample } from './text'
import { exampleText, planText } from './toml'
import type { PlanModel } from './usePlan'

/** 328350 → "3283.50", as texts write amounts. */
export function yuan(fen: number): string {
  return `${Math.trunc(fen / 100)}.${String(fen % 100).padStart(2, '0')}`
}

export function useExamples({ text, check, plan, form, checkNow }: PlanModel) {
  const sound = (): Plan | null => (check.value?.faults.length ? null : plan.value)

  async function change(liability: string, inText: (at: Plan) => string | null, inPlan: (examples: Example[]) => void): Promise<boolean> {
    await form.write()
    const at = sound()
    const found = at?.liability.find((l) => l.code === liability)
    if (!at || !found) {
      showProblem(new ProblemError({ code: 'no_liability', message: translate(at ? 'plans.examples.no_liability' : 'plans.words_faulty') }))
      return false
    }
    let next = inText(at)
    if (next === null) {
      const copy = JSON.parse(JSON.stringify(at)) as Plan
      inPlan((copy.liability.find((l) => l.code === liability)!.example ??= []))
      next = planText(copy)
    }
    text.value = next
    await checkNow()
    return true
  }

  return {
    insert: (liability: string, example: Example, written = exampleText(example)) => change(liability, (at) => insertExample(text.value, at, liability, written), (all) => all.push(example)),
    remove: (liability: string, index: number) => change(liability, (at) => removeExample(text.value, at, liability, index), (all) => all.splice(index, 1)),
    expect: (liability: string, index: number, fen: number) =>
      change(liability, (at) => expectAmount(text.value, at, liability, index, yuan(fen)), (all) => (all[index] = { ...all[index], amount: yuan(fen) })),
    lineOf: (liability: string, index: number) => (sound() ? lineOfExample(text.value, plan.value!, liability, index) : null),
  }
}
