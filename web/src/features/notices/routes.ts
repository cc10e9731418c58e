import { Bell, ChatDotRound, Promotion } from '@element-plus/icons-vue'
import type { Feature } from '@/frame/feature'

const crumbs = ['notices.title']

export default {
  order: 60,
  title: 'notices.title',
  pages: [
    { path: '/messages', component: () => import('./MessagesPage.vue'), meta: { title: 'notices.messages', crumbs } },
    { path: '/notices', component: () => import('./NoticesPage.vue'), meta: { title: 'notices.notices', crumbs } },
    { path: '/notices/:id(\\d+)', component: () => import('./NoticePage.vue'), meta: { title: 'notices.notice', crumbs: [...crumbs, 'notices.notices'] } },
    { path: '/notice-board', component: () => import('./BoardPage.vue'), meta: { title: 'notices.board', crumbs, permission: ['publish_notices'] } },
  ],
  menu: [
    { path: '/messages', title: 'notices.messages', icon: ChatDotRound },
    { path: '/notices', title: 'notices.notices', icon: Bell },
    { path: '/notice-board', title: 'notices.board', icon: Promotion, permission: ['publish_notices'] },
  ],
} satisfies Feature
