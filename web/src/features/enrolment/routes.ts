import type { Feature } from '@/frame/feature'

export default {
  order: 10,
  title: 'enrolment.title',
  pages: [],
  menu: [],
} satisfies Feature
