import { Files, Memo, Postcard, Tickets, Umbrella } from '@element-plus/icons-vue'
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
    { path: '/records-inquiry/members', component: () => import('@/features/records/MembersPage.vue'), meta: { title: 'records_inquiry.members', crumbs, permission } },
    { path: '/records-inquiry/enrolments', component: () => import('@/features/enrolment/EnrolmentsPage.vue'), meta: { title: 'records_inquiry.enrolments', crumbs, permission } },
    { path: '/records-inquiry/changes', component: () => import('@/features/changes/ChangesPage.vue'), meta: { title: 'records_inquiry.changes', crumbs, permission } },
  ],
  menu: [
    { path: '/records-inquiry/cases', title: 'records_inquiry.cases', icon: Files, permission },
    { path: '/records-inquiry/coverages', title: 'records_inquiry.coverages', icon: Umbrella, permission },
    { path: '/records-inquiry/members', title: 'records_inquiry.members', icon: Postcard, permission },
    { path: '/records-inquiry/enrolments', title: 'records_inquiry.enrolments', icon: Memo, permission },
    { path: '/records-inquiry/changes', title: 'records_inquiry.changes', icon: Tickets, permission },
  ],
} satisfies Feature
