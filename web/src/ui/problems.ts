// How a refusal is shown: one message with every sentence, read out by screen readers, gone by itself.
import { ElMessage, ElMessageBox } from 'element-plus'
import { h } from 'vue'
import { ProblemError } from '@/api/problem'
import { translate } from '@/locales'

/** Shows what went wrong; what isn't a refusal of the server is a bug and is thrown on. */
export function showProblem(error: unknown): void {
  if (!(error instanceof ProblemError)) throw error
  const lines = [...error.sentences, ...error.fields.map((f) => f.message)]
  ElMessage({ type: 'error', duration: 6000, showClose: true, message: h('div', lines.map((line) => h('div', line))) })
}

export function showDone(message: string): void {
  ElMessage({ type: 'success', message, duration: 2500 })
}

/** Asks before something that can't be undone; `lines` name what it will be done to. */
export async function confirmed(lines: string[], options: { danger?: boolean; title?: string } = {}): Promise<boolean> {
  try {
    await ElMessageBox.confirm(h('div', { class: 'hz-confirm' }, lines.map((line) => h('p', line))), options.title ?? translate('ui.notice'), {
      confirmButtonText: translate('ui.ok'),
      cancelButtonText: translate('ui.cancel'),
      confirmButtonClass: options.danger ? 'el-button--danger' : '',
      closeOnClickModal: false,
      autofocus: true,
    })
    return true
  } catch {
    return false
  }
}
