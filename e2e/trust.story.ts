// What stands between a person and what isn't theirs: an authenticator, and numbers that are hidden.
import { createHmac } from 'node:crypto'
import type { Page } from '@playwright/test'
import { accessible, expect, expectedFailures, MANUAL_ID, menu, row, test } from './base.ts'

/** What an authenticator shows (RFC 6238), so many steps of thirty seconds from now. */
function shown(secret: string, steps = 0): string {
  const bits = [...secret.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps))
  const mac = createHmac('sha1', key).update(counter).digest()
  const at = (mac.at(-1) ?? 0) & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

async function profile(page: Page): Promise<void> {
  await page.goto('/profile')
  await expect(page.getByRole('heading', { name: '二次验证' })).toBeVisible()
}

test('设置验证器后登录须输入验证码，可以关闭', async ({ as }) => {
  const admin = await as('admin2')
  // What is asked for, and what is wrong, is told with a status that the browser logs.
  expectedFailures.get(admin)?.push(/\/api\/session$/, /second-factor$/)
  await profile(admin)
  await admin.getByRole('button', { name: '设置验证器' }).click()
  await expect(admin.getByRole('img', { name: '验证器二维码' })).toBeVisible()
  await accessible(admin)
  const secret = await admin.locator('code').innerText()
  const factor = admin.getByRole('region', { name: '二次验证' })
  await factor.getByRole('textbox', { name: '验证码' }).fill('000000')
  await factor.getByRole('textbox', { name: '当前密码' }).fill('huzhu-demo')
  await factor.getByRole('button', { name: '启用', exact: true }).click()
  await expect(factor.getByText('验证码不正确')).toBeVisible()
  await factor.getByRole('textbox', { name: '验证码' }).fill(shown(secret, -1))
  await factor.getByRole('button', { name: '启用', exact: true }).click()
  await expect(factor.getByText('已启用', { exact: true })).toBeVisible()

  await admin.context().clearCookies()
  await admin.goto('/sign-in')
  await admin.getByRole('button', { name: /^admin2 / }).click()
  await admin.getByRole('button', { name: '登录', exact: true }).click()
  await expect(admin.getByRole('textbox', { name: '验证码' })).toBeFocused()
  await accessible(admin)
  await admin.getByRole('textbox', { name: '验证码' }).fill('123456')
  await admin.getByRole('button', { name: '登录', exact: true }).click()
  await expect(admin.getByText('验证码不正确或已使用')).toBeVisible()
  await admin.getByRole('textbox', { name: '验证码' }).fill(shown(secret))
  await admin.getByRole('button', { name: '登录', exact: true }).click()
  await expect(admin.getByRole('heading', { name: '，您好' })).toBeVisible()

  await profile(admin)
  await factor.getByRole('button', { name: '关闭二次验证' }).click()
  await factor.getByRole('textbox', { name: '当前密码' }).fill('huzhu-demo')
  await factor.getByRole('button', { name: '关闭二次验证' }).click()
  await expect(factor.getByText('未启用')).toBeVisible()
})

test('只管理的人看到隐去的号码，填写原因才显示，并记入日志', async ({ as }) => {
  const admin = await as('admin')
  expectedFailures.get(admin)?.push(/\/numbers$/)
  await menu(admin, '会员查询')
  const search = admin.locator('main form').first()
  await search.getByRole('textbox').first().fill(MANUAL_ID)
  await admin.getByRole('button', { name: '查询', exact: true }).click()
  const hidden = '142***********6202'
  await row(admin, hidden).getByRole('link').first().click()
  await expect(admin.locator('main')).toContainText(hidden)
  await expect(admin.locator('main')).not.toContainText('6196607196202')
  await admin.getByRole('button', { name: '显示完整号码' }).click()
  const dialog = admin.getByRole('dialog', { name: '显示完整号码' })
  await dialog.getByRole('button', { name: '确定' }).click()
  await expect(dialog.getByText('请填写原因')).toBeVisible()
  await accessible(admin)
  await dialog.getByRole('textbox', { name: '查看原因' }).fill('核对来电人身份')
  await dialog.getByRole('button', { name: '确定' }).click()
  await expect(dialog).toContainText('142625 19660719 6202')
  await accessible(admin)
  await dialog.getByRole('button', { name: '关闭', exact: true }).click()

  await menu(admin, '日志查询')
  await expect(row(admin, '显示完整号码').first()).toContainText('核对来电人身份')
})
