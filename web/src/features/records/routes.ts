import type { Feature } from '@/frame/feature'

export default {
  order: 30,
  title: 'records.title',
  pages: [],
  menu: [],
} satisfies Feature
