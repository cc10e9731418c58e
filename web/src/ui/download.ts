import { request } from '@/api/client'

/** Asks for a file and hands it to the browser, telling how much has come; the signal stops it. */
export async function download(url: string, body: unknown, name: string, signal: AbortSignal, told: (bytes: number) => void): Promise<void> {
  const response = await request(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' }, signal })
  const chunks: BlobPart[] = []
  let received = 0
  const reader = response.body?.getReader()
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    chunks.push(part.value)
    received += part.value.length
    told(received)
  }
  keep(new Blob(chunks), name)
}

/** Hands a file to the browser. */
export function keep(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
