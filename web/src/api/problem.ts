import type { FieldProblem, Notice, Problem } from './types'

/**
 * What the server refused, in the user's own language (RFC 9457): a stable `code` to decide by,
 * a `message` to show, the `fields` that are wrong and the `blockers` that stand in the way.
 * Two codes are the browser's own: `offline` (no answer at all) and `unreadable` (an answer that is no problem document).
 */
export class ProblemError extends Error {
  readonly status: number
  readonly code: string
  readonly fields: FieldProblem[]
  readonly blockers: Notice[]

  constructor(problem: Partial<Problem> & { code: string; message: string }) {
    super(problem.message)
    this.name = 'ProblemError'
    this.status = problem.status ?? 0
    this.code = problem.code
    this.fields = problem.fields ?? []
    this.blockers = problem.blockers ?? []
  }

  /** What is wrong, by field. */
  get faults(): Record<string, string> {
    return Object.fromEntries(this.fields.map((f) => [f.field, f.message]))
  }

  /** The sentence and, below it, everything that stands in the way. */
  get sentences(): string[] {
    return [this.message, ...this.blockers.map((blocker) => blocker.message)]
  }
}

/** Reads the problem document out of an answer that is not a success; `fallback` is shown when there is none. */
export async function problemOf(response: Response, fallback: string): Promise<ProblemError> {
  const kind = response.headers.get('content-type') ?? ''
  if (kind.includes('json')) {
    const body: unknown = await response.json().catch(() => null)
    if (isProblem(body)) return new ProblemError({ ...body, status: response.status })
  }
  return new ProblemError({ status: response.status, code: 'unreadable', message: `${fallback} (${response.status})` })
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'message' in body
}
