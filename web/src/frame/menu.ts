// The left menu: what each right opens.
import { Checked, CircleCheck, CircleCheckFilled, Coin, Document, EditPen, House, List, Notebook, RefreshLeft, Search, Tickets } from '@element-plus/icons-vue'
import type { Entry } from './feature'

export const TASKS: Entry[] = [
  { path: '/', title: 'pages.home', icon: House },
  { path: '/todo', title: 'pages.todo', icon: List, count: (c) => c.todo },
  { path: '/done', title: 'pages.done', icon: Checked },
]

export const CLAIMS: Entry[] = [
  { path: '/acceptance', title: 'pages.acceptance', icon: Document, permission: ['accept_claims'], count: (c) => c.materials },
  { path: '/expenses', title: 'pages.expenses', icon: EditPen, permission: ['enter_expenses'], count: (c) => (c.expense_pending ?? 0) + (c.expense_mine ?? 0) },
  { path: '/reviews', title: 'pages.reviews', icon: CircleCheck, permission: ['first_review'], count: (c) => (c.review_pending ?? 0) + (c.review_mine ?? 0) },
  { path: '/second-reviews', title: 'pages.second_reviews', icon: CircleCheckFilled, permission: ['second_review'], count: (c) => (c.second_pending ?? 0) + (c.second_mine ?? 0) },
  { path: '/payments', title: 'pages.payments', icon: Coin, permission: ['confirm_payments'], count: (c) => c.payment },
  { path: '/payment-batches', title: 'payment.batches', icon: Tickets, permission: ['confirm_payments'], count: (c) => c.batches_to_release },
  { path: '/bounced', title: 'payment.bounced', icon: RefreshLeft, permission: ['enter_expenses', 'confirm_payments', 'approve_changes'] },
  { path: '/inquiry', title: 'pages.inquiry', icon: Search, permission: ['inquire_cases'] },
]

export const PLANS: Entry[] = [
  { path: '/plans', title: 'pages.plans', icon: Notebook },
]
