import type { Feature } from '@/frame/feature'

export default {
  order: 40,
  title: 'records_inquiry.title',
  pages: [],
  menu: [],
} satisfies Feature
