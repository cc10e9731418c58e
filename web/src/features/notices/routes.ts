import type { Feature } from '@/frame/feature'

export default {
  order: 60,
  title: 'notices.title',
  pages: [],
  menu: [],
} satisfies Feature
