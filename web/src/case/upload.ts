// A picture of a case on its way.
import { upload as send, type Upload } from '@/ui/upload'

export { MB, type Upload } from '@/ui/upload'

export function upload(caseId: number, kind: string, file: File, replaces: number | null, progress: (percent: number) => void): Upload<unknown> {
  const form = new FormData()
  form.append('kind', kind)
  if (replaces !== null) form.append('replaces', String(replaces))
  form.append('file', file, file.name)
  return send(`/api/cases/${caseId}/materials`, form, progress)
}
