// Figures lead to their cases; a supervisor redistributes what is late.
import { accessible, choose, expect, menu, test } from './base.ts'

test('统计概览：数字、图表与案件列表、报表一致', async ({ as }) => {
  const page = await as('admin')
  await menu(page, '统计概览')
  const tile = page.getByRole('link', { name: /^已给付 ?\d+/ })
  const paid = Number(/已给付 ?(\d+)/.exec(await tile.innerText().then((s) => s.replace(/\s+/g, ' ')))?.[1])
  expect(paid).toBeGreaterThan(20)
  await accessible(page)

  await tile.click()
  await expect(page.getByRole('heading', { name: '案件查询' })).toBeVisible()
  await expect(page.getByText(`共 ${paid} 条`)).toBeVisible()
  await expect(page).toHaveURL(/outcome=paid/)

  // A reason of the chart's table: its number is the list's total.
  await page.goBack()
  const reasons = page.locator('figure').filter({ hasText: '不予给付原因' })
  await reasons.getByText('数据表').click()
  const link = reasons.getByRole('row', { name: /不属于保障范围/ }).getByRole('link')
  const denied = Number(await link.innerText())
  await link.click()
  await expect(page.getByText(`共 ${denied} 条`)).toBeVisible()
  await expect(page.getByText('原因：不属于保障范围')).toBeVisible()
  await accessible(page)

  // A bar itself leads there, too.
  await menu(page, '统计概览')
  const bars = page.locator('figure').filter({ hasText: '不予给付原因' }).locator('svg path[fill="#a2574f"]')
  await bars.first().click()
  await expect(page.getByText('原因：不属于保障范围')).toBeVisible()
  await expect(page.getByText(`共 ${denied} 条`)).toBeVisible()

  await menu(page, '统计报表')
  await choose(page, '统计维度', '办事处')
  await page.getByRole('button', { name: '查询', exact: true }).click()
  const office = page.getByRole('row', { name: /^黑龙江办事处/ })
  await expect(office).toBeVisible()
  await accessible(page)
  const received = office.getByRole('link').first()
  const n = Number(await received.innerText())
  const file = page.waitForEvent('download')
  await page.getByRole('button', { name: '导出' }).click()
  expect((await file).suggestedFilename()).toMatch(/^统计报表-.*\.xlsx$/)
  await received.click()
  await expect(page.getByText(`共 ${n} 条`)).toBeVisible()
})

test('督办：主管转派超时案件', async ({ as }) => {
  const page = await as('admin')
  await menu(page, '督办')
  const board = page.getByRole('region', { name: '督办' })
  const cell = board.getByRole('row', { name: /费用录入.*待处理（无人）/ }).filter({ has: page.getByRole('button', { name: /已超时/ }) }).first().getByRole('button', { name: /已超时/ })
  const late = Number(/(\d+)/.exec((await cell.getAttribute('aria-label')) ?? '')?.[1])
  expect(late).toBeGreaterThan(0)
  await cell.click()
  await expect(page.getByText(`共 ${late} 条`)).toBeVisible()
  await accessible(page)
  await page.locator('main .el-table__body .el-checkbox').nth(0).click()
  await expect(page.getByText('已选 1 件')).toBeVisible()
  await accessible(page)
  await page.getByRole('button', { name: '转派', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: '转派 1 件' })
  await dialog.locator('.el-select__wrapper').click()
  await page.getByRole('option').first().click()
  await dialog.getByRole('button', { name: '转派', exact: true }).click()
  await expect(page.getByText('已转派 1 件')).toBeVisible()
  await expect(page.getByText(`共 ${late - 1} 条`)).toBeVisible()
})

test('首页与待办：超时、退回的数字与列表一致', async ({ as }) => {
  const page = await as('handler')
  await menu(page, '待办事项')
  for (const part of ['全部', '已超时', '即将到期', '退回']) {
    const tab = page.locator('.el-radio-button').filter({ hasText: new RegExp(`^${part}\\(`) })
    const n = Number(/\((\d+)\)/.exec(await tab.innerText())?.[1])
    await tab.click()
    await expect(page.getByText(`共 ${n} 条`)).toBeVisible()
  }
  await accessible(page)
})
