// What follows a closed case: appeal, correction, money that comes back.
import type { Page } from '@playwright/test'
import { accessible, choose, expect, menu, png, row, societyDay, test } from './base.ts'

/** Below the office's 复审限额, so that one reviewer decides. */
const BELOW_LIMIT = 349_900

async function ask<T>(page: Page, path: string, body: object): Promise<T> {
  return page.evaluate(async ({ path, body }) => (await (await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json()) as T, { path, body })
}

interface Found { items: { id: number; no: string; benefit_fen: number; org_name: string; claim_type: string; member_name: string; correction: boolean }[] }

/** Opens the case that corrects the one on the page, enters it as it is or changed, and submits it. */
async function enter(handler: Page, id: number, change?: () => Promise<void>): Promise<void> {
  await handler.goto(`/cases/${id}`)
  await expect(handler.getByRole('region', { name: '结案后' })).toContainText('更正案件')
  await handler.getByRole('button', { name: '获取', exact: true }).click()
  await expect(handler.getByRole('button', { name: '申领计算' })).toBeVisible()
  await change?.()
  await handler.getByRole('button', { name: '申领计算' }).click()
  await expect(handler.getByText(/^计算完成：/)).toBeVisible()
  await handler.getByRole('button', { name: '申领提交' }).click()
  await handler.getByRole('dialog').getByRole('button', { name: '确定' }).click()
  await expect(handler.getByText('已提交申领初审')).toBeVisible()
}

async function approve(review: Page, id: number, consequence: string): Promise<void> {
  await review.goto(`/cases/${id}`)
  await review.getByRole('button', { name: '获取', exact: true }).click()
  await review.getByRole('button', { name: '通过', exact: true }).click()
  const dialog = review.getByRole('dialog', { name: '通过' })
  await expect(dialog).toContainText(consequence)
  await dialog.getByRole('button', { name: '确定' }).click()
  await expect(dialog).toHaveCount(0)
}

/** The case that the link in the table of the chain leads to last. */
async function correctionOf(page: Page): Promise<number> {
  const link = page.getByRole('region', { name: '结案后' }).locator('tbody tr').last().getByRole('link')
  return Number((await link.getAttribute('href'))?.split('/').pop())
}

test('不予给付后申诉，得到支持，更正案件给付差额', async ({ as }) => {
  const review = await as('review')
  const pool = await ask<Found>(review, '/api/reviews/search', { tab: 'pending', size: 100 })
  const chosen = pool.items.find((c) => c.org_name === '哈尔滨代办处' && c.benefit_fen < BELOW_LIMIT && c.claim_type === 'disease_inpatient' && !c.correction)
  if (!chosen) throw new Error('no case waits for its review')
  await review.goto(`/cases/${chosen.id}`)
  await review.getByRole('button', { name: '获取', exact: true }).click()
  await review.getByRole('button', { name: '不予给付' }).click()
  const denial = review.getByRole('dialog', { name: '不予给付' })
  await choose(review, '原因', '不属于保障范围')
  await denial.getByRole('textbox', { name: '说明' }).fill('住院原因不属于保障范围')
  await denial.getByRole('button', { name: '确定' }).click()
  await expect(review.getByText('已结案：不予给付')).toBeVisible()
  await expect(review.getByRole('button', { name: '更正', exact: true })).toHaveAttribute('aria-disabled', 'true')

  const handler = await as('handler')
  await handler.goto(`/cases/${chosen.id}`)
  await handler.getByRole('button', { name: '申诉', exact: true }).click()
  const asking = handler.getByRole('dialog', { name: '申诉' })
  await asking.getByRole('button', { name: '确定' }).click()
  await expect(asking.getByText('请填写申诉理由')).toHaveCount(1)
  await accessible(handler)
  await asking.getByRole('textbox', { name: '申诉理由' }).fill('出院诊断在保障范围内，请予复核')
  await asking.getByRole('button', { name: '确定' }).click()
  await expect(handler.getByRole('heading', { name: new RegExp(`^${chosen.member_name}的申诉`) })).toBeVisible()
  await handler.locator('main input[type=file]').setInputFiles({ name: '申诉书.png', mimeType: 'image/png', buffer: png(60) })
  await expect(handler.getByRole('region', { name: '申诉材料' }).getByRole('img').first()).toBeVisible()
  await accessible(handler)

  const senior = await as('review2')
  await menu(senior, '申诉处理')
  await row(senior, chosen.no).getByRole('button', { name: '处理' }).click()
  await senior.getByRole('button', { name: '支持', exact: true }).click()
  await senior.getByRole('button', { name: '确定' }).click()
  await expect(senior.getByText('请填写说明')).toBeVisible()
  await senior.getByRole('textbox', { name: '支持的理由（答复申诉人）' }).fill('诊断属于保障范围，予以支持')
  await senior.getByRole('button', { name: '确定' }).click()
  await senior.getByRole('dialog', { name: '系统提示' }).getByRole('button', { name: '确定' }).click()
  await expect(senior.getByText('已支持申诉，更正案件在费用录入待处理')).toBeVisible()
  await accessible(senior)
  await senior.getByRole('link', { name: chosen.no }).click()
  await expect(senior.getByRole('region', { name: '结案后' }).locator('tbody tr')).toHaveCount(2)
  const fix = await correctionOf(senior)

  await enter(handler, fix)
  const difference = handler.getByTestId('difference')
  await expect(difference).toHaveText(/^\+[\d,]+\.\d\d$/)
  await approve(review, fix, '给付差额')
  await expect(review.getByRole('region', { name: '结案后' }).locator('tbody tr').last()).toContainText('待支付')
  await accessible(review)

  await pay(await as('cashier'), await as('cashier2'), fix)
  await handler.goto(`/cases/${chosen.id}`)
  const amount = ((await handler.getByRole('region', { name: '结案后' }).locator('tbody tr').last().innerText()).match(/\+([\d,.]+)/) ?? [])[1] ?? ''
  await expect(handler.getByTestId('granted')).toHaveText(amount)
  for (const event of ['申诉', '申诉支持', '开立更正', '更正结案']) await expect(handler.getByRole('listitem').filter({ hasText: event }).first()).toBeVisible()
})

/** Pays by the product's own acts; how it looks is told by the stories of 支付. */
async function pay(makes: Page, releases: Page, id: number): Promise<void> {
  const batch = (await ask<{ id: number }>(makes, '/api/payment-batches', { cases: [id] })).id
  await ask(releases, `/api/payment-batches/${batch}/release`, { version: 1 })
  const paid_on = societyDay()
  const settled = await ask<{ state: string }>(makes, `/api/payment-batches/${batch}/settle`, { version: 2, all_others: true, paid_on })
  expect(settled.state).toBe('settled')
}

test('多给付的更正后追回，回款逐笔确认到结案', async ({ as }) => {
  const senior = await as('review2')
  const search = { outcome: 'paid', claim_type: 'disease_inpatient', amount_from_fen: 150_000, amount_to_fen: BELOW_LIMIT, correction: false, size: 100 }
  const found = await ask<Found>(senior, '/api/inquiry/cases/search', search)
  let chosen = 0
  for (const c of found.items.filter((c) => c.org_name === '哈尔滨代办处')) {
    const open = await senior.evaluate(async (id) => ((await (await fetch(`/api/cases/${id}`)).json()) as { after: { correct: unknown[] | null } }).after.correct, c.id)
    if (open?.length === 0) {
      chosen = c.id
      break
    }
  }
  expect(chosen).toBeGreaterThan(0)
  await senior.goto(`/cases/${chosen}`)
  await senior.getByRole('button', { name: '更正', exact: true }).click()
  const dialog = senior.getByRole('dialog', { name: '更正' })
  await choose(senior, '更正原因', '医保结算有变化')
  await dialog.getByRole('textbox', { name: '说明' }).fill('医保重新结算，个人自付减少')
  await accessible(senior)
  await dialog.getByRole('button', { name: '确定' }).click()
  await expect(senior.getByText(/^已开立更正案件 CL/)).toBeVisible()
  await expect(senior.getByRole('button', { name: '更正', exact: true })).toHaveAttribute('aria-disabled', 'true')
  const fix = await correctionOf(senior)

  const handler = await as('handler')
  await enter(handler, fix, async () => {
    const less = async (label: string) => {
      const field = handler.getByRole('textbox', { name: label, exact: true })
      const now = Number((await field.inputValue()).replaceAll(',', ''))
      await field.fill(String(now - 600))
    }
    for (const label of ['个人自付金额', '结算总金额', '个人现金支付', '实际支付金额']) await less(label)
  })
  await expect(handler.getByTestId('difference')).toHaveText(/^-[\d,]+\.\d\d$/)
  const review = await as('review')
  await approve(review, fix, '应追回')
  await expect(review.getByRole('region', { name: '追回' })).toBeVisible()

  await menu(handler, '追回')
  const no = (await row(handler, '追回').last().getByRole('link').innerText()).trim()
  expect(no).toMatch(/^CL/)
  await accessible(handler)
  await handler.goto(`/cases/${fix}`)
  const recovery = (page: Page) => page.getByRole('region', { name: '追回' })
  const owed = Number((await handler.getByTestId('left').innerText()).replaceAll(',', ''))
  const record = async (amount: string, reference: string) => {
    await handler.getByRole('button', { name: '登记回款' }).click()
    const form = handler.getByRole('dialog', { name: '登记回款' })
    await form.getByRole('textbox', { name: '回款金额' }).fill(amount)
    await form.getByRole('textbox', { name: '凭证号' }).fill(reference)
    await form.getByRole('button', { name: '确定' }).click()
    return form
  }
  const form = await record(String(owed + 1), 'HK0')
  await expect(form.getByText(/^不能超过尚未追回的/)).toBeVisible()
  await accessible(handler)
  await form.getByRole('button', { name: '取消' }).click()
  await record('100', 'HK1')
  await expect(recovery(handler).getByText('待他人确认')).toBeVisible()

  const cashier = await as('cashier')
  await cashier.goto(`/cases/${fix}`)
  const confirm = async () => {
    await recovery(cashier).getByRole('button', { name: '确认到账' }).click()
    await cashier.getByRole('dialog', { name: '系统提示' }).getByRole('button', { name: '确定' }).click()
    await expect(recovery(cashier).getByRole('button', { name: '确认到账' })).toHaveCount(0)
  }
  await confirm()
  await accessible(cashier)
  await handler.reload()
  const left = (await handler.getByTestId('left').innerText()).replaceAll(',', '')
  expect(Number(left)).toBe(owed - 100)
  await record(left, 'HK2')
  await expect(recovery(handler).getByText('HK2')).toBeVisible()
  await cashier.reload()
  await confirm()
  await expect(cashier.locator('main').getByText('已追回').first()).toBeVisible()
  await expect(recovery(cashier).getByTestId('left')).toHaveText('0.00')
})
