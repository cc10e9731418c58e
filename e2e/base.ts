// What every story uses: people who sign in, no error on the console, pages that axe finds nothing serious on.
import { test as base, expect, type Browser, type Locator, type Page } from '@playwright/test'
import AxeBuilder from '@axe-core/playwright'

export const MANUAL_ID = '142625196607196202'

/** The society's day, so many days from today; the server has no other, wherever the runner's clock stands. */
export function societyDay(fromToday = 0): string {
  return new Date(Date.now() + fromToday * 86_400_000).toLocaleDateString('sv', { timeZone: 'Asia/Shanghai' })
}

/** Answers that a story wants to be refused, by path; each is logged by the browser as an error. */
export const expectedFailures = new WeakMap<Page, RegExp[]>()

function watch(page: Page, errors: string[]): void {
  page.on('pageerror', (error) => errors.push(`${error}`))
  page.on('console', (message) => {
    if (message.type() !== 'error') return
    const text = `${message.text()} ${message.location().url}`
    if (!(expectedFailures.get(page) ?? []).some((allowed) => allowed.test(text))) errors.push(text)
  })
}

export const test = base.extend<{ as: (username: string) => Promise<Page> }>({
  baseURL: async ({}, use) => use(process.env.HUZHU_URL),
  as: async ({ browser, contextOptions }, use) => {
    const errors: string[] = []
    const open: Page[] = []
    await use(async (username) => {
      const page = await (await (browser as Browser).newContext({ ...contextOptions, reducedMotion: 'reduce', baseURL: process.env.HUZHU_URL })).newPage()
      watch(page, errors)
      expectedFailures.set(page, [/\/materials$/, /\/draft$/, /\/api\/cases\/999999$/])
      open.push(page)
      await page.goto('/sign-in')
      await page.getByRole('button', { name: new RegExp(`^${username} `) }).click()
      await page.getByRole('button', { name: '登录', exact: true }).click()
      await expect(page.getByRole('heading', { name: '，您好' })).toBeVisible()
      return page
    })
    for (const page of open) await page.context().close()
    expect(errors, 'errors on the console').toEqual([])
  },
})

export { expect }

/** Nothing serious or critical on the page. */
export async function accessible(page: Page): Promise<void> {
  // What fades in or out has no contrast of its own yet.
  await page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getComputedTiming().iterations === Infinity))
  // Element Plus names the popper of a closed date field in aria-controls before the popper is made.
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).disableRules(['aria-valid-attr-value']).analyze()
  const serious = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
  expect(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}`)).toEqual([])
}

export async function menu(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: '菜单' }).getByRole('link', { name, exact: true }).click()
  await expect(page.getByRole('navigation', { name: '已打开的页面' }).locator('[aria-current=page]')).toHaveText(name)
}

/** The row of the current table that has this text. */
export function row(page: Page, text: string): Locator {
  return page.locator('main').getByRole('row').filter({ hasText: text })
}

export async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.locator('.el-select__wrapper').filter({ has: page.getByRole('combobox', { name: label, exact: true }) }).click()
  await page.getByRole('option', { name: option, exact: true }).locator('visible=true').click()
}

export async function day(page: Page, label: string, value: string): Promise<void> {
  const field = page.getByRole('combobox', { name: label, exact: true })
  await field.fill(value)
  await field.press('Enter')
  await expect(field).toHaveValue(value)
}

/** A PNG of one colour, made here: 40 × 30 pixels. */
export function png(shade: number): Buffer {
  return Buffer.from(makePng(40, 30, shade))
}

import { crc32, deflateSync } from 'node:zlib'

function makePng(width: number, height: number, shade: number): Uint8Array {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const out = Buffer.alloc(12 + data.length)
    out.writeUInt32BE(data.length, 0)
    body.copy(out, 4)
    out.writeUInt32BE(crc32(body), 8 + data.length)
    return out
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const pixels = Buffer.alloc((width + 1) * height, shade)
  for (let y = 0; y < height; y++) pixels[y * (width + 1)] = 0
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))])
}
