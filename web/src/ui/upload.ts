// An upload with its progress: fetch can't tell how far it is, so this one is an XMLHttpRequest.
import { ProblemError, problemOf } from '@/api/problem'
import { currentLocale, translate } from '@/locales'

export const MB = 1024 * 1024

export interface Upload<T> { done: Promise<T>; cancel: () => void }

/** Sends a form; the answer is what the server made of it. */
export function send<T>(url: string, form: FormData, progress: (percent: number) => void): Upload<T> {
  const request = new XMLHttpRequest()
  const done = new Promise<T>((resolve, reject) => {
    request.upload.onprogress = (e) => progress(e.lengthComputable ? Math.floor((e.loaded / e.total) * 100) : 0)
    request.onload = () => {
      if (request.status === 201) return resolve(JSON.parse(request.responseText) as T)
      const headers = { 'content-type': request.getResponseHeader('content-type') ?? '' }
      void problemOf(new Response(request.responseText, { status: request.status, headers }), translate('ui.error.unexpected')).then(reject)
    }
    request.onerror = () => reject(new ProblemError({ code: 'offline', message: translate('ui.error.offline') }))
    request.onabort = () => reject(new ProblemError({ code: 'cancelled', message: translate('materials.cancel') }))
  })
  request.open('POST', url)
  request.setRequestHeader('Accept-Language', currentLocale())
  request.send(form)
  return { done, cancel: () => request.abort() }
}
