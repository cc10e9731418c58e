// The manual's chapter 申领管理, typed in its order and with its labels.
import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import { MANUAL_ID, accessible, choose, day, expect, menu, png, row, test } from './base.ts'

test('1.1–1.3 从新增受理到结案查询导出', async ({ as }) => {
  test.setTimeout(180_000)
  const unit = await as('unit')

  // 1.1.1 受理案件
  await menu(unit, '申领受理')
  await unit.getByRole('button', { name: '新增受理' }).click()
  await expect(unit.getByRole('heading', { name: '添加受理信息' })).toBeVisible()
  await unit.getByRole('textbox', { name: '证件号码' }).fill(MANUAL_ID)
  await day(unit, '出险日期', '2023-10-04')
  await unit.getByRole('button', { name: '查询', exact: true }).click()
  await expect(unit.getByText('证件号码的校验位不正确')).toBeVisible()
  const allowed = unit.getByRole('checkbox', { name: '勾选 冯玉兰 疾病住院' })
  await allowed.locator('..').click()
  await expect(unit.getByText('1 件', { exact: true })).toBeVisible()

  // a second claimant, of the same unit
  const second = await unit.evaluate(async () => {
    const body = JSON.stringify({ text: '1121测试' })
    const headers = { 'content-type': 'application/json' }
    return (await (await fetch('/api/units/options', { method: 'POST', headers, body })).json())[0].name as string
  })
  expect(second).toBe('1121测试')
  await unit.getByRole('textbox', { name: '证件号码' }).fill(await cleanMember())
  await day(unit, '出险日期', '2026-06-10')
  await unit.getByRole('button', { name: '查询', exact: true }).click()
  await unit.getByRole('checkbox', { name: /^勾选 (?!冯玉兰).* 疾病住院$/ }).locator('..').click()
  await expect(unit.getByText('2 件', { exact: true })).toBeVisible()
  await accessible(unit)
  await unit.getByRole('button', { name: '确认受理', exact: true }).dblclick()
  await expect(unit.getByRole('heading', { name: '受理成功，共 2 件' })).toBeVisible()
  await unit.getByRole('button', { name: '返回工作池' }).click()

  // 1.1.3 材料上传
  await unit.getByRole('textbox', { name: '证件号码' }).fill(MANUAL_ID)
  await unit.getByRole('button', { name: '查询', exact: true }).click()
  await expect(unit.getByText('共 1 条')).toBeVisible()
  const accepted = row(unit, '冯玉兰')
  await expect(accepted).toContainText('材料上传')
  const no = (await accepted.getByRole('link').innerText()).trim()
  await accepted.getByRole('button', { name: '上传' }).click()
  const card = (name: string) => unit.getByRole('region', { name, exact: true })
  await expect(card('本人银行卡')).toContainText('*必须上传 最多上传1张材料')
  await expect(card('基本医疗保险结算单照片')).toContainText('*必须上传 至少上传1张材料')
  await expect(card('身份证')).toContainText('请上传 大小不超过 10MB 格式为 png/jpg/jpeg 的文件')
  for (const [i, name] of ['身份证', '本人银行卡', '基本医疗保险结算单照片', '申领申请书'].entries()) {
    await card(name).locator('input[type=file]').setInputFiles({ name: `${name}.png`, mimeType: 'image/png', buffer: png(60 + i) })
    await expect(card(name).getByRole('img', { name: `${name}.png` })).toBeVisible()
  }
  await expect(unit.getByText('100%上传成功').first()).toBeVisible()
  await card('本人银行卡').getByRole('textbox', { name: '银行账号' }).fill('6222 0209 0900 3028 973')
  await card('本人银行卡').getByRole('textbox', { name: '银行名称' }).fill('中国工商银行股份有限公司北京分行')
  await card('本人银行卡').getByRole('textbox', { name: '银行名称' }).press('Enter')
  const done = unit.getByRole('button', { name: '确定', exact: true })
  await expect(done).toHaveAttribute('aria-disabled', 'false')
  await accessible(unit)
  await done.click()
  await expect(unit.getByText('材料已确认')).toBeVisible()
  await expect(unit.getByRole('heading', { name: '工作池' })).toBeVisible()

  // 1.2.1 获取案件
  await menu(unit, '费用录入')
  await unit.getByRole('textbox', { name: '案件号', exact: true }).fill(no)
  await unit.getByRole('button', { name: '搜索' }).click()
  await row(unit, no).getByRole('button', { name: '获取' }).click()
  await expect(unit.getByText('暂无数据')).toBeVisible()
  await unit.getByText(/^处理中\(\d+\)$/).click()
  await row(unit, no).getByRole('button', { name: '处理' }).click()

  // 1.2.2 案件信息录入: the payee is filled in from the member and the bank card
  await expect(unit.getByRole('textbox', { name: '银行账号' })).toHaveValue('6222 0209 0900 3028 973')
  await unit.getByRole('textbox', { name: '出险原因/治疗项目' }).fill('社区获得性肺炎')
  await unit.getByRole('combobox', { name: '结束日期', exact: true }).fill('2023-10-11')
  await unit.getByRole('combobox', { name: '结束日期', exact: true }).press('Enter')
  await unit.locator('input[aria-label="医院"]').fill('解放军')
  await unit.getByRole('option', { name: /中国人民解放军总医院/ }).click()
  await expect(unit.getByText('三级', { exact: true }).first()).toBeVisible()
  await choose(unit, '医保类型', '职工医保')
  await day(unit, '出院时间', '2023-10-11')
  const amounts = { 结算总金额: '26566', 统筹基金支付: '18000', 个人自付金额: '6566.00', 全额自费: '2000', 个人现金支付: '8566', 实际支付金额: '8566' }
  for (const [label, value] of Object.entries(amounts)) await unit.getByRole('textbox', { name: label, exact: true }).fill(value)
  await unit.getByRole('textbox', { name: '票据号码', exact: true }).fill('BJ20231011001')
  await unit.getByRole('button', { name: '申领计算' }).click()
  await expect(unit.getByTestId('benefit')).toHaveText('3,283.00')
  await expect(unit.getByText('全部金额：6,566.00 × 50%')).toBeVisible()
  await accessible(unit)
  await unit.getByRole('button', { name: '申领提交' }).click()
  await expect(unit.getByText(`${no} · 冯玉兰 · 3,283.00 元`)).toBeVisible()
  await unit.getByRole('dialog').getByRole('button', { name: '确定' }).dblclick()
  await expect(unit.getByText('已提交申领初审')).toBeVisible()

  // 申领初审
  const review = await as('review')
  await menu(review, '申领初审')
  await review.getByRole('textbox', { name: '案件号', exact: true }).fill(no)
  await review.getByRole('button', { name: '查询', exact: true }).click()
  await row(review, no).getByRole('button', { name: '获取' }).click()
  await expect(review.getByText('全部金额：6,566.00 × 50%')).toBeVisible()
  await accessible(review)
  await review.getByRole('button', { name: '通过', exact: true }).click()
  await review.getByRole('dialog').getByRole('button', { name: '确定' }).click()
  await expect(review.getByText('已通过，进入待支付')).toBeVisible()

  // 支付 → 结案
  const cashier = await as('cashier')
  await menu(cashier, '支付')
  await cashier.getByRole('textbox', { name: '案件号', exact: true }).fill(no)
  await cashier.getByRole('button', { name: '查询', exact: true }).click()
  await row(cashier, no).locator('.el-checkbox').click()
  await expect(cashier.getByText('已选 1 件，合计 3,283.00 元')).toBeVisible()
  await cashier.getByRole('button', { name: '建立批次', exact: true }).click()
  await cashier.getByRole('dialog').getByRole('button', { name: '确定' }).click()
  await expect(cashier.getByTestId('total-batch')).toContainText('3,283.00')
  const releases = await as('cashier2')
  await releases.goto(new URL(cashier.url()).pathname)
  await releases.getByRole('button', { name: '放行' }).click()
  await releases.getByRole('dialog').getByRole('button', { name: '确定' }).click()
  await expect(releases.getByText('已放行').first()).toBeVisible()
  await releases.getByRole('button', { name: '全部已付' }).click()
  await releases.getByRole('dialog', { name: '全部已付' }).getByRole('button', { name: '全部已付' }).click()
  await expect(releases.getByTestId('total-paid')).toContainText('3,283.00')

  // 1.3 申领查询
  await menu(unit, '申领查询')
  await unit.getByRole('textbox', { name: '案件号', exact: true }).fill(no)
  await unit.getByRole('button', { name: '查询', exact: true }).click()
  await expect(row(unit, no)).toContainText('3,283.00')
  await expect(row(unit, no)).toContainText('结案')
  await accessible(unit)
  const download = unit.waitForEvent('download')
  await unit.getByRole('button', { name: '导出' }).click()
  const sheet = cells(readFileSync(await (await download).path()))
  expect(sheet).toContain(no)
  expect(sheet).toContain(MANUAL_ID)
  expect(sheet).toContain('<v>3283</v>')
  await row(unit, no).getByRole('button', { name: '查看' }).click()
  await expect(unit.getByText('叁仟贰佰捌拾叁元整')).toBeVisible()
  for (const event of ['受理', '确认材料', '申领提交', '通过', '确认支付']) await expect(unit.getByRole('listitem').filter({ hasText: event }).first()).toBeVisible()
})

/** A made-up member of 1121测试 without a case: the demonstration keeps the first of each unit free. */
async function cleanMember(): Promise<string> {
  const digits = '00000019660301000'
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  const sum = [...digits].reduce((s, d, i) => s + Number(d) * (weights[i] ?? 0), 0)
  return digits + '10X98765432'[sum % 11]
}

/** The sheet and the shared texts out of an .xlsx (a zip), read without any library. */
function cells(zip: Buffer): string {
  let out = ''
  for (let at = zip.indexOf('PK\u0001\u0002'); at >= 0; at = zip.indexOf('PK\u0001\u0002', at + 4)) {
    const name = zip.toString('utf8', at + 46, at + 46 + zip.readUInt16LE(at + 28))
    if (!/sheet1\.xml|sharedStrings\.xml/.test(name)) continue
    const size = zip.readUInt32LE(at + 20)
    const local = zip.readUInt32LE(at + 42)
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    out += inflateRawSync(zip.subarray(start, start + size)).toString('utf8')
  }
  return out
}
