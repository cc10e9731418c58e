// Opens a case by its number; says so where there is none that the caller may see.
import { ElMessage } from 'element-plus'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { answer, client } from '@/api/client'

export function useCaseByNo(): (no: string) => Promise<boolean> {
  const { t } = useI18n()
  const router = useRouter()
  return async (no) => {
    const { id } = await answer(client.POST('/api/cases/find', { body: { no } }))
    if (id) await router.push(`/cases/${id}`)
    else ElMessage({ type: 'warning', message: t('frame.not_found_case', { no }) })
    return Boolean(id)
  }
}
