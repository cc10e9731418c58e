// The pictures of a case in the order of its papers, as the viewer shows them.
import type { ComposerTranslation } from 'vue-i18n'
import type { CaseView } from '@/api/types'
import type { Picture } from '@/ui/PictureViewer.vue'

export function picturesOf(view: CaseView | null, t: ComposerTranslation): Picture[] {
  return (view?.materials ?? []).flatMap((m) =>
    m.files.filter((f) => !f.erased).map((f, i) => ({ id: f.id, url: f.url, thumbnail: f.thumbnail_url, title: t('materials.picture', { name: m.name, i: i + 1, n: m.files.length }) })))
}
