// 保障活动: a union's programme becomes a published version through the screen, and a case of it is computed and explained.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { accessible, choose, day, expect, menu, png, row, test } from './base.ts'

const FUZHOU = readFileSync(new URL('fuzhou-2026.toml', import.meta.url), 'utf8')

async function tab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name: new RegExp(`^${name}`) }).click()
}

/** Puts a text in the place of what stands in the editor. */
async function write(page: Page, text: string): Promise<void> {
  const editor = page.locator('.cm-content').first()
  await editor.click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(text)
}

async function confirm(page: Page): Promise<void> {
  await page.getByRole('dialog', { name: '系统提示' }).getByRole('button', { name: '确定' }).click()
}

/** Somebody of 松花江机械制造有限公司 whom the demonstration gave no case. */
async function idNumber(page: Page): Promise<string> {
  const ask = (path: string, body: object) => page.evaluate(async ([p, b]) => (await fetch(p as string, { method: 'POST', headers: { 'content-type': 'application/json' }, body: b as string })).json(), [path, JSON.stringify(body)])
  const found = await ask('/api/acceptance/search', { claim_type: 'critical_illness', size: 1 })
  return found.items[0].id_number as string
}

test('公告写成条款：改错、提请、另一人发布，再受理、计算、解释', async ({ as }) => {
  const admin = await as('admin')
  await menu(admin, '保障活动')
  await expect(row(admin, '在职职工住院医疗综合互助保障活动').first()).toBeVisible()
  await accessible(admin)
  await admin.getByRole('button', { name: '新建草稿', exact: true }).click()
  await admin.getByRole('dialog').getByRole('combobox', { name: '办事处' }).click()
  await admin.getByRole('option', { name: '黑龙江办事处' }).locator('visible=true').click()
  await admin.getByRole('dialog').getByRole('button', { name: '新建', exact: true }).click()
  await expect(admin.getByText('草稿已新建')).toBeVisible()

  await tab(admin, '条款文本')
  await write(admin, FUZHOU.replace('rate = "10%"', 'rate = "110%"'))
  await expect(admin.getByText('比例“110%”应在 0 到 1').first()).toBeVisible()
  await expect(admin.getByRole('button', { name: '提请发布' })).toHaveAttribute('aria-disabled', 'true')
  await write(admin, FUZHOU.replace('amount = "2456.60"', 'amount = "2456.61"'))
  await expect(admin.getByText('1 个示例不符').first()).toBeVisible()
  await write(admin, FUZHOU)
  await expect(admin.getByText('没有错误，3 个示例全部相符')).toBeVisible()
  await admin.keyboard.press('Control+s')
  await expect(admin.getByText(/^已保存/).first()).toBeVisible()
  await accessible(admin)

  await tab(admin, '条款说明')
  await expect(admin.getByText('以医保范围内费用为计算基数。')).toBeVisible()
  await expect(admin.getByText('一个保障期内最多给付 50,000.00 元。')).toBeVisible()
  await tab(admin, '示例')
  await expect(admin.getByText('3 个示例，3 个相符')).toBeVisible()
  await accessible(admin)
  await admin.getByRole('button', { name: '提请发布' }).click()
  await confirm(admin)
  await expect(admin.getByText('已提请发布').first()).toBeVisible()
  await expect(admin.getByRole('button', { name: '发布', exact: true })).toHaveAttribute('aria-disabled', 'true')

  const second = await as('admin2')
  await second.goto(new URL(admin.url()).pathname)
  await second.getByRole('button', { name: '发布', exact: true }).click()
  await confirm(second)
  await expect(second.getByText('已发布').first()).toBeVisible()

  // A coverage under it, a claim, its papers.
  const handler = await as('handler')
  const number = await idNumber(handler)
  const cover = ['coverage', 'add', '--data-dir', process.env.HUZHU_E2E_DATA ?? '', '--id-number', number, '--plan', 'fuzhou-medical-aid', '--from', '2026-01-01', '--to', '2026-12-31']
  execFileSync(process.env.HUZHU_PROGRAM ?? '', cover)
  await menu(handler, '申领受理')
  await handler.getByRole('button', { name: '新增受理' }).click()
  await expect(handler.getByRole('heading', { name: '添加受理信息' })).toBeVisible()
  await handler.getByRole('textbox', { name: '证件号码' }).fill(number)
  await day(handler, '出险日期', '2026-08-03')
  await handler.getByRole('button', { name: '查询', exact: true }).click()
  const offered = row(handler, '福州市职工医疗互助活动').filter({ hasText: '疾病住院' })
  await offered.getByRole('checkbox').locator('..').click()
  await handler.getByRole('button', { name: '确认受理', exact: true }).click()
  await handler.getByRole('link', { name: '上传材料' }).click()
  const card = (name: string) => handler.getByRole('region', { name, exact: true })
  for (const [i, name] of ['身份证', '本人银行卡', '基本医疗保险结算单照片'].entries()) {
    await card(name).locator('input[type=file]').setInputFiles({ name: `${name}.png`, mimeType: 'image/png', buffer: png(90 + i) })
    await expect(card(name).getByRole('img', { name: `${name}.png` })).toBeVisible()
  }
  await card('本人银行卡').getByRole('textbox', { name: '银行账号' }).fill('6222020909003028973')
  await card('本人银行卡').getByRole('textbox', { name: '银行名称' }).fill('示例银行')
  await card('本人银行卡').getByRole('textbox', { name: '银行名称' }).press('Enter')
  const done = handler.getByRole('button', { name: '确定', exact: true })
  await expect(done).toHaveAttribute('aria-disabled', 'false')
  const at = new URL(handler.url()).pathname.replace('/materials', '')
  await done.click()
  await expect(handler.getByText('材料已确认')).toBeVisible()

  // 费用录入 and 申领计算, explained with the plan's own quantities.
  await handler.goto(at)
  await handler.getByRole('button', { name: '获取' }).click()
  await handler.getByRole('textbox', { name: '出险原因/治疗项目' }).fill('胆囊结石')
  await day(handler, '结束日期', '2026-08-10')
  await handler.locator('input[aria-label="医院"]').fill('示例大学附属第一医院')
  await choose(handler, '医院等级', '三级')
  await day(handler, '出院时间', '2026-08-10')
  const amounts = { 结算总金额: '26566', 统筹基金支付: '18000', 个人自付金额: '6566', 全额自费: '2000', 个人现金支付: '8566' }
  for (const [label, value] of Object.entries(amounts)) await handler.getByRole('textbox', { name: label, exact: true }).fill(value)
  await handler.getByRole('button', { name: '申领计算' }).click()
  await expect(handler.getByTestId('benefit')).toHaveText('2,456.60')
  await expect(handler.getByText('医保范围内费用 24,566.00')).toBeVisible()
  await expect(handler.getByText('全部金额：24,566.00 × 10%')).toBeVisible()
  await accessible(handler)

  // What is used and left of the member's coverages.
  await handler.locator('main').getByRole('heading', { level: 1 }).getByRole('link').click()
  await expect(handler.getByRole('tab', { name: /保障与用量/ })).toBeVisible()
  await expect(handler.getByRole('link', { name: '福州市职工医疗互助活动 2026' })).toBeVisible()
  await accessible(handler)
})

test('改变比例的测算：只比较，不改变；对比两个版本', async ({ as }) => {
  const admin = await as('admin')
  await menu(admin, '保障活动')
  await admin.getByText('草稿', { exact: true }).click()
  const draft = row(admin, '2027').filter({ hasText: '在职职工住院医疗综合互助保障活动' })
  await draft.getByRole('button', { name: '测算' }).click()
  await expect(admin.getByText('按所选条款重算期间内已给付的案件，只作比较，不改变任何案件和支付。')).toBeVisible()
  await day(admin, '开始日期', '2026-01-01')
  await day(admin, '结束日期', '2026-11-24')
  await admin.locator('main').getByRole('button', { name: '测算', exact: true }).click()
  await expect(admin.getByRole('heading', { name: '金额变化的案件' })).toBeVisible()
  const changed = admin.locator('main').getByRole('row').filter({ hasText: /^.*CL23/ })
  await expect(changed.first()).toBeVisible()
  await accessible(admin)
  const download = admin.waitForEvent('download')
  await admin.getByRole('button', { name: '导出' }).click()
  expect(readFileSync(await (await download).path()).subarray(0, 2).toString()).toBe('PK')

  await menu(admin, '保障活动')
  await admin.getByText('已发布', { exact: true }).first().click()
  for (const version of ['2023', '2026']) {
    await row(admin, '黑龙江办事处').filter({ hasText: 'harbin-inpatient' }).filter({ hasText: version }).first().getByRole('checkbox').locator('..').click()
  }
  await admin.getByRole('button', { name: '对比' }).click()
  await expect(admin.getByText(/处有变化$/)).toBeVisible()
  await expect(admin.getByText('意外身故互助金').first()).toBeVisible()
  await accessible(admin)
})

test('两处七级伤残按六级给付；身故由两位继承人按份额领取', async ({ as }) => {
  const handler = await as('handler')
  const number = await idNumber(handler)
  const accept = async (category: string, name: RegExp, again = false) => {
    await menu(handler, '申领受理')
    await handler.getByRole('button', { name: '新增受理' }).click()
    if (again) await handler.getByRole('button', { name: '继续受理' }).click()
    await expect(handler.getByRole('heading', { name: '添加受理信息' })).toBeVisible()
    await handler.getByRole('textbox', { name: '证件号码' }).fill(number)
    await day(handler, '出险日期', '2026-09-08')
    await choose(handler, '申领类型', category)
    await handler.getByRole('button', { name: '查询', exact: true }).click()
    await handler.getByRole('checkbox', { name }).locator('..').click()
    await handler.getByRole('button', { name: '确认受理', exact: true }).click()
    await handler.getByRole('listitem').getByRole('link', { name: /^CL/ }).click()
    await handler.getByRole('button', { name: '获取' }).click()
  }
  await accept('伤残', /意外伤残$/)
  await handler.getByRole('button', { name: '添加一处' }).click()
  await choose(handler, '伤残等级 1', '7 级')
  await choose(handler, '伤残等级 2', '7 级')
  await handler.getByRole('button', { name: '申领计算' }).click()
  await expect(handler.getByTestId('benefit')).toHaveText('30,000.00')
  await expect(handler.getByText(/最重等级有两处以上的晋升一级，最高一级：按 6 级/)).toBeVisible()
  await accessible(handler)

  await accept('身故', /意外身故$/, true)
  const field = (name: string, i: number) => handler.getByRole('textbox', { name, exact: true }).nth(i)
  await handler.getByRole('button', { name: '添加领款人' }).click()
  for (const [i, name] of ['张三', '李四'].entries()) {
    await field('姓名', i).fill(name)
    await field('银行账号', i).fill(`622202090900302897${i}`)
  }
  await field('份额', 0).fill('33.33')
  await field('份额', 1).fill('60')
  await field('份额', 1).press('Tab')
  await expect(handler.getByText('份额合计 93.33%')).toBeVisible()
  await field('份额', 1).fill('66.67')
  await field('份额', 1).press('Tab')
  await handler.getByRole('button', { name: '申领计算' }).click()
  await expect(handler.getByTestId('benefit')).toHaveText('60,000.00')
  await expect(handler.getByText('19,998.00')).toBeVisible()
  await expect(handler.getByText('40,002.00')).toBeVisible()
  await accessible(handler)
})
