// A year as twelve months of weeks, Monday first. Days are civil: no time zone has a say in them.
import type { MarkedDay } from '@/api/types'

export interface Day {
  date: string
  number: number
  weekday: boolean
  mark: MarkedDay | null
  working: boolean
}

export interface Month {
  number: number
  /** Each seven long; null where the day is another month's. */
  weeks: (Day | null)[][]
  working: number
}

const two = (n: number) => String(n).padStart(2, '0')

export function monthsOf(year: number, marks: MarkedDay[]): Month[] {
  const marked = new Map(marks.map((m) => [m.day, m]))
  return Array.from({ length: 12 }, (_, index) => {
    const length = new Date(Date.UTC(year, index + 1, 0)).getUTCDate()
    const before = (new Date(Date.UTC(year, index, 1)).getUTCDay() + 6) % 7
    const cells: (Day | null)[] = Array.from({ length: before }, () => null)
    let working = 0
    for (let number = 1; number <= length; number++) {
      const date = `${year}-${two(index + 1)}-${two(number)}`
      const weekday = (before + number - 1) % 7 < 5
      const mark = marked.get(date) ?? null
      const day = { date, number, weekday, mark, working: mark ? mark.kind === 'working' : weekday }
      if (day.working) working++
      cells.push(day)
    }
    while (cells.length % 7) cells.push(null)
    const weeks = Array.from({ length: cells.length / 7 }, (_, w) => cells.slice(w * 7, w * 7 + 7))
    return { number: index + 1, weeks, working }
  })
}
