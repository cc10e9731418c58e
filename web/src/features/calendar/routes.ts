import { Calendar, Timer, Suitcase } from '@element-plus/icons-vue'
import type { Feature } from '@/frame/feature'

const crumbs = ['calendar.title']

export default {
  order: 45,
  title: 'calendar.title',
  pages: [
    { path: '/calendar', component: () => import('./CalendarPage.vue'), meta: { title: 'calendar.calendar', crumbs } },
    { path: '/absences', component: () => import('@/features/absences/AbsencesPage.vue'), meta: { title: 'absences.title', crumbs } },
    { path: '/time-limits', component: () => import('./LimitsPage.vue'), meta: { title: 'calendar.limits', crumbs, permission: ['manage_orgs'] } },
  ],
  menu: [
    { path: '/calendar', title: 'calendar.calendar', icon: Calendar },
    { path: '/absences', title: 'absences.title', icon: Suitcase },
    { path: '/time-limits', title: 'calendar.limits', icon: Timer, permission: ['manage_orgs'] },
  ],
} satisfies Feature
