// 单点登录: by a provider of OpenID Connect that runs beside the server (provider.ts).
import type { Page } from '@playwright/test'
import { accessible, expect, expectedFailures, menu, row, test } from './base.ts'

/** Says at the provider who one is. */
async function identify(page: Page, name: string, sub: string, otp = false): Promise<void> {
  await page.getByLabel('姓名拼音').fill(name)
  await page.getByLabel('工号').fill(sub)
  await page.getByLabel('短信验证').setChecked(otp)
  await page.getByRole('button', { name: '确定' }).click()
}

test('用统一身份认证登录，回到原来要去的页面；账号与人绑定，管理员可以解除', async ({ page, as }) => {
  await page.goto('/todo')
  await expect(page).toHaveURL(/\/sign-in\?to=/)
  await expect(page.getByRole('link', { name: '用统一身份认证登录' })).toBeVisible()
  await accessible(page)
  await page.getByRole('link', { name: '用统一身份认证登录' }).click()
  await identify(page, 'cashier2', 'E1001')
  await expect(page.getByRole('heading', { name: '待办事项' })).toBeVisible()
  const cookies = await page.context().cookies()
  expect(cookies.find((c) => c.name === 'huzhu_session')).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
  expect(cookies.find((c) => c.name === 'huzhu_sign_on')).toBeUndefined()

  // Somebody else who was given the name isn't let in, until an administrator says so.
  const say = async (name: string, sub: string) => {
    await page.context().clearCookies()
    await page.goto('/sign-in')
    await page.getByRole('link', { name: '用统一身份认证登录' }).click()
    await identify(page, name, sub)
  }
  await say('cashier2', 'E2002')
  await expect(page.getByRole('alert')).toHaveText('该用户名已绑定统一身份认证中的另一个人，请联系管理员解除绑定。')
  await say('nobody', 'E3003')
  await expect(page.getByRole('alert')).toHaveText('系统中没有与您在统一身份认证的用户名对应的在用账号，请联系管理员。')
  await page.context().clearCookies()
  await page.getByRole('link', { name: '用统一身份认证登录' }).click()
  await page.getByRole('button', { name: '取消' }).click()
  await expect(page.getByRole('alert')).toHaveText('您取消了统一身份认证。')

  const admin = await as('admin')
  await menu(admin, '用户')
  await row(admin, 'cashier2').getByRole('button', { name: '解除绑定' }).click()
  await admin.getByRole('dialog').getByRole('button', { name: '确定' }).click()
  await expect(row(admin, 'cashier2').getByRole('button', { name: '解除绑定' })).toBeHidden()
  await say('cashier2', 'E2002')
  await expect(page.getByRole('heading', { name: '，您好' })).toBeVisible()
})

test('登录失效后在新页面单点登录，页面上的内容不丢', async ({ as }) => {
  const page = await as('handler')
  expectedFailures.get(page)?.push(/401/)
  await menu(page, '会员')
  await page.getByRole('textbox', { name: '会员' }).fill('不丢的内容')
  await page.context().clearCookies()
  await page.getByRole('button', { name: '查询', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: '登录已失效' })
  const opened = page.context().waitForEvent('page')
  await dialog.getByRole('link', { name: '用统一身份认证登录' }).click()
  const other = await opened
  await identify(other, 'handler', 'E4004')
  await expect(other.getByRole('heading', { name: '登录成功' })).toBeVisible()
  await page.bringToFront()
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('textbox', { name: '会员' })).toHaveValue('不丢的内容')
})
