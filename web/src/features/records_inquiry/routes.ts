import { Files, Umbrella } from '@element-plus/icons-vue'
import type { Feature } from '@/frame/feature'
import type { Permission } from '@/api/types'

const crumbs = ['records_inquiry.title']
const permission: Permission[] = ['inquire_records']

export default {
  order: 40,
  title: 'records_inquiry.title',
  pages: [
    { path: '/records-inquiry/cases', component: () => import('./CasesPage.vue'), meta: { title: 'records_inquiry.cases', crumbs, permission } },
    { path: '/records-inquiry/coverages', component: () => import('./CoveragesPage.vue'), meta: { title: 'records_inquiry.coverages', crumbs, permission } },
  ],
  menu: [
    { path: '/records-inquiry/cases', title: 'records_inquiry.cases', icon: Files, permission },
    { path: '/records-inquiry/coverages', title: 'records_inquiry.coverages', icon: Umbrella, permission },
  ],
} satisfies Feature
