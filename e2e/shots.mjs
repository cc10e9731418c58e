// node shots.mjs URL DIR [WIDTHxHEIGHT] [dark] — screenshots of every page, for the eye
import { chromium } from '@playwright/test'
const [url, dir, size = '1366x768', theme = 'light'] = process.argv.slice(2)
const [width, height] = size.split('x').map(Number)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] })
async function as(user, pages) {
  const context = await browser.newContext({ viewport: { width, height }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', colorScheme: theme })
  const page = await context.newPage()
  page.on('console', (m) => m.type() === 'error' && console.log('console', m.text(), m.location().url))
  page.on('pageerror', (e) => console.log('pageerror', e.message))
  await page.goto(url + '/sign-in')
  await page.waitForSelector('form')
  if (user === 'unit') await page.screenshot({ path: `${dir}/sign-in.png` })
  await page.evaluate(async (username) => { await fetch('/api/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username, password: 'huzhu-demo' }) }) }, user)
  for (const [name, path, act] of pages) {
    await page.goto(url + path)
    await page.waitForLoadState('networkidle')
    if (act) await act(page)
    await page.waitForTimeout(400)
    await page.screenshot({ path: `${dir}/${name}.png` })
  }
  await context.close()
}
const find = async (page, path, body) => page.evaluate(async ([p, b]) => (await (await fetch(p, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(b) })).json()).items[0]?.id, [path, body])
const goto = (api, body, suffix = '') => async (page) => { const id = await find(page, api, body); await page.goto(`${url}/cases/${id}${suffix}`); await page.waitForLoadState('networkidle') }
await as('unit', [
  ['home-unit', '/'], ['acceptance', '/acceptance'],
  ['accept', '/acceptance/new', async (p) => { await p.getByLabel('证件号码').first().fill('142625196607196202'); const d = p.getByPlaceholder('出险日期'); await d.fill('2023-10-04'); await d.press('Enter'); await p.getByRole('button', { name: '查询' }).click(); await p.waitForTimeout(600); await p.locator('.el-checkbox').first().click().catch(() => {}) }],
  ['help', '/help'], ['profile', '/profile'], ['forbidden', '/payments'], ['not-found', '/nowhere'],
])
await as('handler', [
  ['home-handler', '/'], ['expenses', '/expenses'], ['expenses-mine', '/expenses?tab=mine'], ['todo', '/todo'], ['done', '/done'],
  ['case-entry', '/', goto('/api/expenses/search', { tab: 'mine' })],
  ['materials', '/', goto('/api/acceptance/search', { stage: 'materials' }, '/materials')],
  ['inquiry', '/inquiry'],
])
await as('review', [['reviews', '/reviews'], ['reviews-mine', '/reviews?tab=mine'], ['case-review', '/', goto('/api/reviews/search', { tab: 'mine' })]])
await as('cashier', [['payments', '/payments'], ['payments-done', '/payments?tab=done'], ['case-closed', '/', goto('/api/inquiry/search', { outcome: 'paid', date_kind: 'accepted' })]])
await browser.close()
