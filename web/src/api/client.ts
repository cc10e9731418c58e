// The one way to the server: the locale goes with every request, a lapsed session is renewed in a dialog and the
// request repeated (nothing typed is lost), and every refusal arrives as a ProblemError.
import createClient from 'openapi-fetch'
import { ref } from 'vue'
import { currentLocale, translate } from '@/locales'
import { ProblemError, problemOf } from './problem'
import type { paths } from './schema'

/** False from the first request that got no answer until one does. */
export const online = ref(true)

interface Hooks {
  /** Asks for the password over the page; resolves when signed in again, rejects when given up. */
  signInAgain: () => Promise<void>
  /** The server wants a new password before anything else. */
  changePassword: () => void
}

let hooks: Hooks = {
  signInAgain: () => Promise.reject(new Error('signed out')),
  changePassword: () => undefined,
}

/** The session's side of the client, handed in once at the start. */
export function connectSession(given: Hooks): void {
  hooks = given
}

/** As `fetch`, for what the typed client cannot do (exports, pictures): throws a ProblemError unless it went well. */
export async function request(input: string | Request, init?: RequestInit): Promise<Response> {
  const first = new Request(input, init)
  first.headers.set('Accept-Language', currentLocale())
  const again = first.clone()
  const response = await reach(first)
  if (response.ok) return response
  const problem = await problemOf(response, translate('ui.error.unexpected'))
  if (problem.code === 'unauthenticated' && !isSession(first)) {
    await hooks.signInAgain()
    return succeeded(await reach(again))
  }
  if (problem.code === 'password_change_required') hooks.changePassword()
  throw problem
}

async function reach(asked: Request): Promise<Response> {
  try {
    const response = await fetch(asked)
    online.value = true
    return response
  } catch (error) {
    if (asked.signal.aborted) throw error
    online.value = false
    throw new ProblemError({ code: 'offline', message: translate('ui.error.offline') })
  }
}

async function succeeded(response: Response): Promise<Response> {
  if (response.ok) return response
  throw await problemOf(response, translate('ui.error.unexpected'))
}

function isSession(asked: Request): boolean {
  return new URL(asked.url).pathname === '/api/session'
}

/** The typed client: `answer(client.POST('/api/…', { body }))`. */
export const client = createClient<paths>({ baseUrl: globalThis.location.origin, fetch: (asked) => request(asked) })

/** The data of a typed call. A refusal has already been thrown as a ProblemError, so there is always an answer. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T
}
