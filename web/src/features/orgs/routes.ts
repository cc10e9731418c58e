import { Avatar, Key, OfficeBuilding, Reading } from '@element-plus/icons-vue'
import type { Feature } from '@/frame/feature'

const crumbs = ['orgs.title']

export default {
  order: 50,
  title: 'orgs.title',
  pages: [
    { path: '/orgs', component: () => import('./OrgsPage.vue'), meta: { title: 'orgs.tree', crumbs, permission: ['manage_orgs'] } },
    { path: '/users', component: () => import('./UsersPage.vue'), meta: { title: 'orgs.users', crumbs, permission: ['manage_users'] } },
    { path: '/roles', component: () => import('./RolesPage.vue'), meta: { title: 'orgs.roles', crumbs, permission: ['manage_users'] } },
    { path: '/logs', component: () => import('./LogsPage.vue'), meta: { title: 'logs.title', crumbs, permission: ['inspect_logs'] } },
  ],
  menu: [
    { path: '/orgs', title: 'orgs.tree', icon: OfficeBuilding, permission: ['manage_orgs'] },
    { path: '/users', title: 'orgs.users', icon: Avatar, permission: ['manage_users'] },
    { path: '/roles', title: 'orgs.roles', icon: Key, permission: ['manage_users'] },
    { path: '/logs', title: 'logs.title', icon: Reading, permission: ['inspect_logs'] },
  ],
} satisfies Feature
