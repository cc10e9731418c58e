// Who is signed in. One for the whole application.
import { computed, ref } from 'vue'
import { answer, client } from '@/api/client'
import { ProblemError } from '@/api/problem'
import type { About, Permission, Session } from '@/api/types'

export const session = ref<Session | null>(null)
export const about = ref<About | null>(null)
/** Set while the password is asked for over the page: what waits for the answer. */
export const lapsed = ref<{ done: () => void; given_up: (e: Error) => void } | null>(null)

export const society = computed(() => about.value?.society ?? '')

export function may(...permissions: Permission[]): boolean {
  return permissions.some((p) => session.value?.permissions.includes(p))
}

/** Asks the server once who this is; null where nobody is signed in. */
export async function loadSession(): Promise<void> {
  about.value = await answer(client.GET('/api/about'))
  if (!about.value.has_session) return
  try {
    session.value = await answer(client.GET('/api/session'))
  } catch (error) {
    if (!(error instanceof ProblemError && error.code === 'unauthenticated')) throw error
    session.value = null
  }
}

/** Whether the password was right and a code of the authenticator is asked for besides. */
export async function signIn(username: string, password: string, code: string | null): Promise<boolean> {
  try {
    session.value = await answer(client.POST('/api/session', { body: { username, password, code: code?.trim() || null } }))
    return false
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'second_factor_asked') return true
    throw error
  }
}

/** Who has signed in on another page meanwhile: the one who works on this, somebody else, or nobody. */
export async function signedOn(): Promise<'same' | 'other' | 'nobody'> {
  try {
    const found = await answer(client.GET('/api/session'))
    if (found.user.id !== session.value?.user.id) return 'other'
    session.value = found
    return 'same'
  } catch (error) {
    if (error instanceof ProblemError) return 'nobody'
    throw error
  }
}

export async function signOut(): Promise<void> {
  await client.DELETE('/api/session')
  session.value = null
}

let waiting: Promise<void> | null = null

/** The session has ended while working: one dialog, however many requests noticed. */
export function signInAgain(): Promise<void> {
  waiting ??= new Promise<void>((done, given_up) => {
    lapsed.value = { done, given_up }
  }).finally(() => {
    lapsed.value = null
    waiting = null
  })
  return waiting
}
