import { ChatLineSquare, RefreshLeft } from '@element-plus/icons-vue'
import type { Feature } from '@/frame/feature'

const crumbs = ['after.group']

export default {
  order: 5,
  title: 'after.group',
  pages: [
    { path: '/appeals', component: () => import('./AppealsPage.vue'), meta: { title: 'after.appeals', crumbs, permission: ['inquire_cases'] } },
    { path: '/appeals/:id(\\d+)', component: () => import('./AppealPage.vue'), meta: { title: 'after.one_appeal', crumbs: [...crumbs, 'after.appeals'], permission: ['inquire_cases'] } },
    { path: '/recoveries', component: () => import('./RecoveriesPage.vue'), meta: { title: 'after.recoveries', crumbs, permission: ['inquire_cases'] } },
  ],
  menu: [
    { path: '/appeals', title: 'after.appeals', icon: ChatLineSquare, permission: ['accept_claims', 'first_review', 'second_review'] },
    { path: '/recoveries', title: 'after.recoveries', icon: RefreshLeft, permission: ['enter_expenses', 'confirm_payments', 'second_review'] },
  ],
} satisfies Feature
