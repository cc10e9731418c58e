import { chromium } from '@playwright/test'
const base = process.argv[2], user = process.argv[3], out = process.argv[4], dark = process.argv[5] === 'dark', pages = process.argv.slice(6)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
const ctx = await browser.newContext({ viewport: { width: 1366, height: 768 }, colorScheme: dark ? 'dark' : 'light' })
const page = await ctx.newPage()
page.on('console', (m) => m.type() === 'error' && console.log('console:', m.text()))
page.on('pageerror', (e) => console.log('pageerror:', e.message))
await page.goto(base + '/sign-in')
if (dark) await page.evaluate(() => localStorage.setItem('huzhu.theme', 'dark'))
await page.getByLabel('用户名').fill(user)
await page.locator('input[type=password]').fill('huzhu-demo')
await page.keyboard.press('Enter')
await page.locator('input[type=password]').waitFor({ state: 'detached' })
let i = 0
for (const p of pages) {
  await page.goto(base + p)
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: `${out}-${i++}.png` })
}
await browser.close()
