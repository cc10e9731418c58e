// A picture on its way to a case.
import { send, type Upload as Sent } from '@/ui/upload'

export { MB } from '@/ui/upload'

export type Upload = Sent<unknown>

export function upload(caseId: number, kind: string, file: File, replaces: number | null, progress: (percent: number) => void): Upload {
  const form = new FormData()
  form.append('kind', kind)
  if (replaces !== null) form.append('replaces', String(replaces))
  form.append('file', file, file.name)
  return send(`/api/cases/${caseId}/materials`, form, progress)
}
