import { AlarmClock, DataAnalysis, Histogram } from '@element-plus/icons-vue'
import type { Feature } from '@/frame/feature'
import type { Permission } from '@/api/types'

const crumbs = ['figures.title']
const permission: Permission[] = ['inquire_records']

export default {
  order: 45,
  title: 'figures.title',
  pages: [
    { path: '/board', component: () => import('@/features/board/BoardPage.vue'), meta: { title: 'board.title', crumbs, permission: ['manage_pool'] } },
    { path: '/figures/overview', component: () => import('./OverviewPage.vue'), meta: { title: 'figures.overview', crumbs, permission } },
    { path: '/figures/report', component: () => import('./ReportPage.vue'), meta: { title: 'figures.report', crumbs, permission } },
  ],
  menu: [
    { path: '/board', title: 'board.title', icon: AlarmClock, permission: ['manage_pool'] },
    { path: '/figures/overview', title: 'figures.overview', icon: DataAnalysis, permission },
    { path: '/figures/report', title: 'figures.report', icon: Histogram, permission },
  ],
} satisfies Feature
