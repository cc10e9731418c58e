import { CopyDocument, CreditCard, Switch } from '@element-plus/icons-vue'
import type { Feature } from '@/frame/feature'

const crumbs = ['changes.title']

export default {
  order: 20,
  title: 'changes.title',
  pages: [
    { path: '/changes', component: () => import('./ChangesPage.vue'), meta: { title: 'changes.list', crumbs, permission: ['inquire_records'] } },
    { path: '/changes/new', component: () => import('./AskPage.vue'), meta: { title: 'changes.ask', crumbs: [...crumbs, 'changes.list'], permission: ['request_changes'] } },
    { path: '/bank-cards/new', component: () => import('./BankCardPage.vue'), meta: { title: 'changes.bank_card', crumbs, permission: ['request_changes'] } },
    { path: '/duplicates', component: () => import('./DuplicatesPage.vue'), meta: { title: 'changes.duplicates', crumbs, permission: ['inquire_records'] } },
    { path: '/changes/:id(\\d+)', component: () => import('./ChangePage.vue'), meta: { title: 'changes.one', crumbs: [...crumbs, 'changes.list'], permission: ['inquire_records'] } },
  ],
  menu: [
    { path: '/changes', title: 'changes.list', icon: Switch, permission: ['inquire_records'] },
    { path: '/bank-cards/new', title: 'changes.bank_card', icon: CreditCard, permission: ['request_changes'] },
    { path: '/duplicates', title: 'changes.duplicates', icon: CopyDocument, permission: ['inquire_records'] },
  ],
} satisfies Feature
