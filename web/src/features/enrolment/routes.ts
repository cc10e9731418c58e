import { UserFilled } from '@element-plus/icons-vue'
import type { Feature } from '@/frame/feature'

const crumbs = ['enrolment.title']

export default {
  order: 10,
  title: 'enrolment.title',
  pages: [
    { path: '/enrolments', component: () => import('./EnrolmentsPage.vue'), meta: { title: 'enrolment.batches', crumbs, permission: ['inquire_records'] } },
    { path: '/enrolments/new', component: () => import('./NewEnrolmentPage.vue'), meta: { title: 'enrolment.new', crumbs: [...crumbs, 'enrolment.batches'], permission: ['enrol_members'] } },
    { path: '/enrolments/:id(\\d+)', component: () => import('./EnrolmentPage.vue'), meta: { title: 'enrolment.batch', crumbs: [...crumbs, 'enrolment.batches'], permission: ['inquire_records'] } },
  ],
  menu: [{ path: '/enrolments', title: 'enrolment.batches', icon: UserFilled, permission: ['inquire_records'] }],
} satisfies Feature
