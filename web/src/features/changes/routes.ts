import type { Feature } from '@/frame/feature'

export default {
  order: 20,
  title: 'changes.title',
  pages: [],
  menu: [],
} satisfies Feature
