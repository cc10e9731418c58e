import { Collection, FirstAidKit, User, Wallet } from '@element-plus/icons-vue'
import type { Feature } from '@/frame/feature'

const crumbs = ['records.title']
const permission = ['inquire_records' as const]

export default {
  order: 30,
  title: 'records.title',
  pages: [
    { path: '/members', component: () => import('./MembersPage.vue'), meta: { title: 'records.members', crumbs, permission } },
    { path: '/members/:id(\\d+)', component: () => import('@/features/members/MemberPage.vue'), meta: { title: 'records.member', crumbs: [...crumbs, 'records.members'], permission } },
    { path: '/members/:id(\\d+)/usage', redirect: (to) => `/members/${String(to.params.id)}` },
    { path: '/hospitals', component: () => import('./HospitalsPage.vue'), meta: { title: 'records.hospitals', crumbs, permission } },
    { path: '/banks', component: () => import('./BanksPage.vue'), meta: { title: 'records.banks', crumbs, permission } },
    { path: '/illness-classes', component: () => import('./IllnessesPage.vue'), meta: { title: 'records.illnesses', crumbs, permission } },
  ],
  menu: [
    { path: '/members', title: 'records.members', icon: User, permission },
    { path: '/hospitals', title: 'records.hospitals', icon: FirstAidKit, permission },
    { path: '/banks', title: 'records.banks', icon: Wallet, permission },
    { path: '/illness-classes', title: 'records.illnesses', icon: Collection, permission },
  ],
} satisfies Feature
