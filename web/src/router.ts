// Every page with its address and the right that opens it. Each page's code is loaded when it is opened.
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { translate } from '@/locales'
import { FEATURES } from '@/frame/feature'
import { loadSession, may, session, society } from '@/frame/session'

const claims = ['frame.claims']
const plans = ['frame.plans']

const pages: RouteRecordRaw[] = [
  { path: '/', component: () => import('@/features/home/HomePage.vue'), meta: { title: 'pages.home' } },
  { path: '/todo', component: () => import('@/features/home/TodoPage.vue'), meta: { title: 'pages.todo', crumbs: ['frame.tasks'] } },
  { path: '/done', component: () => import('@/features/home/DonePage.vue'), meta: { title: 'pages.done', crumbs: ['frame.tasks'] } },
  { path: '/acceptance', component: () => import('@/features/acceptance/AcceptancePage.vue'), meta: { title: 'pages.acceptance', crumbs: claims, permission: ['accept_claims'] } },
  { path: '/acceptance/new', component: () => import('@/features/acceptance/AcceptPage.vue'), meta: { title: 'pages.accept', crumbs: [...claims, 'pages.acceptance'], permission: ['accept_claims'] } },
  { path: '/expenses', component: () => import('@/features/expenses/ExpensesPage.vue'), meta: { title: 'pages.expenses', crumbs: claims, permission: ['enter_expenses'] } },
  { path: '/reviews', component: () => import('@/features/review/ReviewsPage.vue'), meta: { title: 'pages.reviews', crumbs: claims, permission: ['first_review'] } },
  { path: '/second-reviews', component: () => import('@/features/review/ReviewsPage.vue'), props: { second: true }, meta: { title: 'pages.second_reviews', crumbs: claims, permission: ['second_review'] } },
  { path: '/payments', component: () => import('@/features/payment/PaymentsPage.vue'), meta: { title: 'pages.payments', crumbs: claims, permission: ['confirm_payments'] } },
  { path: '/payment-batches', component: () => import('@/features/payment/BatchesPage.vue'), meta: { title: 'payment.batches', crumbs: claims, permission: ['confirm_payments'] } },
  { path: '/payment-batches/:id(\\d+)', component: () => import('@/features/payment/BatchPage.vue'), meta: { title: 'payment.batch', crumbs: [...claims, 'payment.batches'], permission: ['confirm_payments'] } },
  { path: '/payment-layout', component: () => import('@/features/payment/LayoutPage.vue'), meta: { title: 'payment.layout', crumbs: [...claims, 'payment.batches'], permission: ['confirm_payments'] } },
  { path: '/bounced', component: () => import('@/features/payment/BouncedPage.vue'), meta: { title: 'payment.bounced', crumbs: claims, permission: ['enter_expenses', 'confirm_payments', 'approve_changes'] } },
  { path: '/inquiry', component: () => import('@/features/inquiry/InquiryPage.vue'), meta: { title: 'pages.inquiry', crumbs: claims, permission: ['inquire_cases'] } },
  { path: '/cases/:id(\\d+)', component: () => import('@/case/CasePage.vue'), meta: { title: 'pages.case', crumbs: claims } },
  { path: '/cases/:id(\\d+)/materials', component: () => import('@/case/MaterialsPage.vue'), meta: { title: 'pages.materials', crumbs: [...claims, 'pages.acceptance'] } },
  { path: '/plans', component: () => import('@/features/plans/PlansPage.vue'), meta: { title: 'pages.plans', crumbs: plans } },
  { path: '/plans/:kind(versions|drafts)/:id(\\d+)', component: () => import('@/features/plans/PlanPage.vue'), meta: { title: 'pages.plan', crumbs: [...plans, 'pages.plans'] } },
  { path: '/plans/compare', component: () => import('@/features/plans/ComparePage.vue'), meta: { title: 'pages.plans_compare', crumbs: [...plans, 'pages.plans'] } },
  { path: '/plans/what-if', component: () => import('@/features/plans/WhatIfPage.vue'), meta: { title: 'pages.what_if', crumbs: [...plans, 'pages.plans'], permission: ['manage_plans'] } },
  { path: '/help', component: () => import('@/features/help/HelpPage.vue'), meta: { title: 'pages.help' } },
  { path: '/profile', component: () => import('@/features/session/ProfilePage.vue'), meta: { title: 'pages.profile' } },
]

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    ...pages,
    ...FEATURES.flatMap((f) => f.pages),
    { path: '/sign-in', component: () => import('@/features/session/SignInPage.vue'), meta: { bare: true, open: true, title: 'session.title' } },
    { path: '/signed-on', component: () => import('@/features/session/SignedOnPage.vue'), meta: { bare: true, title: 'sign_on.done_title' } },
    { path: '/print/:kind(receipt|supplement|calculation|approval|payout|denial)', component: () => import('@/features/papers/PrintPage.vue'), props: true, meta: { bare: true, title: 'papers.print' } },
    { path: '/403', component: () => import('@/frame/ForbiddenPage.vue'), meta: { title: 'ui.forbidden' } },
    { path: '/:rest(.*)*', component: () => import('@/frame/NotFoundPage.vue'), meta: { title: 'ui.not_found' } },
  ],
})

let asked = false

router.beforeEach(async (to) => {
  if (!asked) {
    await loadSession()
    asked = true
  }
  if (!session.value) return to.meta.open ? true : { path: '/sign-in', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
  if (to.path === '/sign-in') return '/'
  if ((session.value.must_change_password || session.value.must_set_second_factor) && to.path !== '/profile') return '/profile'
  if (to.meta.permission && !may(...to.meta.permission)) return { path: '/403', replace: true }
  return true
})

router.afterEach((to) => {
  document.title = [to.meta.title && translate(to.meta.title), translate('app.system'), society.value].filter(Boolean).join(' · ')
})
