// 批量受理 by Excel, and a claim that is held up because it looks like one that was made before.
import writeExcelFile from 'write-excel-file/node'
import type { Page } from '@playwright/test'
import { accessible, choose, day, expect, menu, row, test } from './base.ts'

interface Person { id_number: string; member_name: string }

/** People of the branch whose cases end on this stage. */
async function people(page: Page, body: object): Promise<Person[]> {
  return page.evaluate(async (search) => (await (await fetch('/api/acceptance/search', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(search) })).json()).items as Person[], body)
}

test('批量受理：有错误的行下载改正，其余一次受理，重复上传不重复受理', async ({ as }) => {
  const handler = await as('handler')
  // Paid for one stay: another day of the year is another claim.
  const paid = await people(handler, { stage: 'closed', claim_type: 'disease_inpatient', accepted_to: '2026-10-31', size: 50 })
  const [a, b] = paid
  if (!a || !b) throw new Error('the demonstration has too few cases')
  const file = await writeExcelFile([
    ['证件号码', '姓名', '出险日期', '申领类型', '医院', '结算总金额', '票据号码'],
    [a.id_number, a.member_name, '2026-11-02', '疾病住院', '示例医院', '12,345.60', 'PL0001'],
    [b.id_number, b.member_name, '2026.11.3', '意外住院', null, null, null],
    [b.id_number, '另一个人', '2026-11-03', '疾病住院', null, null, null],
    ['000000199901010000', '不在册', '2026-11-03', '疾病住院', null, null, null],
  ]).toBuffer()
  await menu(handler, '申领受理')
  await handler.getByRole('button', { name: '批量受理' }).click()
  const dialog = handler.getByRole('dialog', { name: '导入 · 批量受理' })
  await dialog.locator('input[type=file]').setInputFiles({ name: '十一月.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: file })
  await expect(dialog.getByText('姓名与此证件号码的会员记录不一致')).toBeVisible()
  await expect(dialog.getByText('此证件类型和号码没有有效的保障，或不在您的机构范围内')).toBeVisible()
  await accessible(handler)
  const faulty = handler.waitForEvent('download')
  await dialog.getByRole('button', { name: '下载标注错误的行' }).click()
  expect((await faulty).suggestedFilename()).toContain('批量受理')
  await dialog.getByRole('button', { name: /2/ }).last().click()
  await expect(handler.getByText('受理成功，共 2 件')).toBeVisible()
  await expect(row(handler, a.member_name).filter({ hasText: '材料上传' }).first()).toBeVisible()
})

test('同一次出险再次受理被提示，说明后才能受理，说明留给审核人', async ({ as }) => {
  const handler = await as('handler')
  const [open] = await people(handler, { stage: 'materials', claim_type: 'disease_inpatient', size: 1 })
  if (!open) throw new Error('no case at 材料上传')
  const id = await handler.evaluate(async (number) => (await (await fetch('/api/acceptance/search', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id_number: number }) })).json()).items[0].id as number, open.id_number)
  const incident = await handler.evaluate(async (one) => (await (await fetch(`/api/cases/${one}`)).json()).incident_date as string, id)
  const file = await writeExcelFile([
    ['证件号码', '姓名', '出险日期', '申领类型', '入院日期', '出院日期'],
    [open.id_number, open.member_name, incident, '意外住院', null, null],
    [open.id_number, open.member_name, incident, '疾病住院', null, null],
  ]).toBuffer()
  await menu(handler, '申领受理')
  await handler.getByRole('button', { name: '批量受理' }).click()
  const dialog = handler.getByRole('dialog', { name: '导入 · 批量受理' })
  await dialog.locator('input[type=file]').setInputFiles({ name: '重复.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: file })
  await expect(dialog.getByText(/^此次出险已在案件 CL\d+ 中受理$/)).toBeVisible()
  await dialog.getByRole('button', { name: '取消' }).click()
})
