import type { Feature } from '@/frame/feature'

export default {
  order: 50,
  title: 'orgs.title',
  pages: [],
  menu: [],
} satisfies Feature
