// The papers, as the PDF that the browser makes of them and as another program reads that.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { accessible, choose, day, expect, expectedFailures, menu, row, societyDay, test } from './base.ts'

interface Read { text: string; pages: number; size: string }

/** Prints the page and reads the PDF: its text without blanks, how many pages, their size. */
async function pdf(page: Page): Promise<Read> {
  await expect(page.locator('.paper').first()).toBeVisible()
  const dir = mkdtempSync(join(tmpdir(), 'huzhu-pdf-'))
  try {
    const path = join(dir, 'paper.pdf')
    await page.pdf({ path, preferCSSPageSize: true, printBackground: true })
    const info = execFileSync('pdfinfo', [path], { encoding: 'utf8' })
    const text = execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' })
    return { text: text.replace(/[ \t]+/g, ''), pages: Number(/^Pages:\s+(\d+)$/m.exec(info)?.[1]), size: /^Page size:\s+(.*)$/m.exec(info)?.[1] ?? '' }
  } finally {
    rmSync(dir, { recursive: true })
  }
}

const A4 = /^59[45](\.\d+)? x 84[12](\.\d+)? pts \(A4\)$/

/** Opens a paper of the case that is shown, in its own tab. */
async function paper(page: Page, name: string): Promise<Page> {
  await page.getByRole('button', { name: '文书' }).click()
  const opened = page.context().waitForEvent('page')
  await page.getByRole('menuitem', { name, exact: true }).click()
  const tab = await opened
  await expect(tab.getByRole('article', { name: new RegExp(`^${name} CL\\d+-`) })).toBeVisible()
  return tab
}

async function printed(page: Page, name: string): Promise<Read> {
  const tab = await paper(page, name)
  await accessible(tab)
  const read = await pdf(tab)
  await tab.close()
  expect(read.size).toMatch(A4)
  // Chromium numbers the pages; the frame and the bar of the screen are not on the paper.
  expect(read.text).toContain(`1/${read.pages}`)
  expect(read.text).not.toContain('首页')
  return read
}

/** The first closed case that ended so and corrects no other, opened by the menu of the inquiry. */
async function closed(page: Page, outcome: string): Promise<{ no: string; id_number: string; name: string }> {
  const found = await page.evaluate(async (wanted) => {
    const ask = async (path: string, body: object) => (await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json()
    const items = (await ask('/api/acceptance/search', { stage: 'closed', claim_type: 'disease_inpatient', size: 100 })).items as { id: number; no: string; outcome: string; id_number: string; member_name: string; benefit_fen: number; correction: boolean }[]
    return items.find((c) => c.outcome === wanted && !c.correction)
  }, outcome)
  if (!found) throw new Error(`no case ${outcome}`)
  await page.goto(`/cases/${found.id}`)
  await expect(page.getByRole('heading', { name: found.member_name })).toBeVisible()
  return { no: found.no, id_number: found.id_number, name: found.member_name }
}

test('已给付案件的受理回执、计算书、审批表和给付通知打印成 A4', async ({ as }) => {
  const handler = await as('handler')
  const paid = await closed(handler, 'paid')
  const amount = await handler.getByTestId('benefit').innerText()
  const words = (await handler.getByText(/^大写：/).innerText()).replace(/^大写：/, '')
  expect(words).toMatch(/^[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整]+$/)

  const receipt = await printed(handler, '受理回执')
  expect(receipt.pages).toBe(1)
  expect(receipt.text).toContain(`编号：${paid.no}-SL`)
  expect(receipt.text).toContain('提交材料')
  expect(receipt.text).not.toContain(paid.id_number)

  const calculation = await printed(handler, '计算书')
  expect(calculation.pages).toBe(1)
  for (const text of [`${paid.no}-JS`, `¥${amount}`, words, '计算基数', '第六条', '（盖章）']) expect(calculation.text).toContain(text)
  expect(calculation.text).not.toContain(paid.id_number)

  const approval = await printed(handler, '审批表')
  for (const text of [amount, words, '申领初审', '通过', '申领提交', '初审签字']) expect(approval.text).toContain(text)
  expect(approval.text, 'the form that stays in the house has the whole number').toContain(paid.id_number)

  const payout = await printed(handler, '给付通知')
  expect(payout.pages).toBe(1)
  expect(payout.text).toContain(`核定给付互助金${amount}元（大写：${words}）`)
  expect(payout.text).toMatch(/\*{4}\d{4}/)
})

test('不予给付通知写明原因、条款和申诉办法', async ({ as }) => {
  const handler = await as('handler')
  const denied = await closed(handler, 'denied')
  const paper = await printed(handler, '不予给付通知')
  expect(paper.pages).toBe(1)
  for (const text of [`${denied.no}-BY`, '不予给付', '互助金。', '依据', '如对本决定有异议', '收件人签字']) expect(paper.text).toContain(text)
  expect(paper.text).not.toContain(denied.id_number)
})

/** Takes a hospital case that waits for 申领初审; the manual's own unit is left to the other stories. */
async function reviewing(review: Page): Promise<void> {
  await menu(review, '申领初审')
  await row(review, '疾病住院').filter({ hasNotText: '1121测试', has: review.getByRole('button', { name: '获取' }) }).first().getByRole('button', { name: '获取' }).click()
  await expect(review.getByTestId('benefit')).toBeVisible()
}

test('退回补正后打印补正通知：所缺内容、期限、送交办法', async ({ as }) => {
  const review = await as('review')
  await reviewing(review)
  const facts = await review.evaluate(async (path) => (await fetch(`/api${path}`)).json(), new URL(review.url()).pathname) as { no: string; member: { id_number: string }; unit_name: string; org_name: string }
  await review.getByRole('button', { name: '退回', exact: true }).click()
  const dialog = review.getByRole('dialog', { name: '退回' })
  await dialog.getByText('材料上传', { exact: true }).click()
  await dialog.getByText('基本医疗保险结算单照片', { exact: true }).click()
  await dialog.getByRole('textbox', { name: '基本医疗保险结算单照片：要求' }).fill('缺第 2 页')
  await dialog.getByRole('button', { name: '添加其他要求' }).click()
  await dialog.getByRole('textbox', { name: '其他要求 1' }).fill('请说明入院当日的转诊经过，并附转出医院的转诊证明')
  const until = societyDay(15)
  await day(review, '补正期限（可不填）', until)
  await choose(review, '原因', '材料缺失')
  await dialog.getByRole('textbox', { name: '说明', exact: true }).fill('只给经办看的说明')
  await dialog.getByRole('button', { name: '确定' }).click()
  await expect(review.getByText('已退回').first()).toBeVisible()

  const notice = await printed(review, '补正通知')
  expect(notice.pages).toBe(1)
  for (const text of [`编号：${facts.no}-BZ`, `申领人、${facts.unit_name}：`, '基本医疗保险结算单照片：缺第2页', '转诊证明', `请于${until}前`, '补正办法', facts.org_name, '不计入办理时效', '收件人签字', '（盖章）']) expect(notice.text).toContain(text)
  expect(notice.text).not.toContain(facts.member.id_number)
  expect(notice.text).not.toContain('只给经办看')

  const opened = review.context().waitForEvent('page')
  await review.getByRole('region', { name: '补正' }).getByRole('button', { name: '打印补正通知' }).click()
  await expect((await opened).getByRole('article', { name: `补正通知 ${facts.no}-BZ` })).toBeVisible()
})

test('核减写在计算书和审批表上：扣了什么、为什么、前后金额', async ({ as }) => {
  const review = await as('review')
  await reviewing(review)
  const before = await review.getByTestId('benefit').innerText()
  await review.getByRole('button', { name: '核减', exact: true }).click()
  const dialog = review.getByRole('dialog', { name: '核减' })
  await dialog.getByRole('textbox', { name: '核减金额' }).fill('100')
  await choose(review, '原因', '与本次出险无关')
  await dialog.getByRole('textbox', { name: '说明', exact: true }).fill('陪护床费')
  await dialog.getByRole('button', { name: '核减', exact: true }).click()
  await expect(review.getByText(/^已核减，互助金额 /)).toBeVisible()
  await expect(review.getByTestId('benefit')).not.toHaveText(before)
  const after = await review.getByTestId('benefit').innerText()
  for (const name of ['计算书', '审批表']) {
    const paper = await printed(review, name)
    for (const text of ['核减', '−100.00', '与本次出险无关：陪护床费', '王春梅', '结算单1核减后（按此计算）', `¥${after}（核减后；申领提交时为¥${before}）`]) expect(paper.text, name).toContain(text)
    if (name === '计算书') expect(paper.text).toContain('计算过程（按核减后的金额计算）')
  }
})

test('工作池勾选几件一次打印受理回执，每件一页', async ({ as }) => {
  const handler = await as('handler')
  await menu(handler, '申领受理')
  const boxes = handler.locator('main').getByRole('row').getByRole('checkbox')
  await expect(boxes.nth(3)).toBeAttached()
  for (const i of [1, 2, 3]) await boxes.nth(i).locator('..').click()
  const opened = handler.context().waitForEvent('page')
  await handler.getByRole('button', { name: '打印回执' }).click()
  const tab = await opened
  await expect(tab.locator('.paper')).toHaveCount(3)
  const read = await pdf(tab)
  expect(read.pages).toBe(3)
  expect(read.size).toMatch(A4)
  expect(read.text.match(/编号：CL\d+-SL/g)).toHaveLength(3)
})

test('别的机构的案件和还没有的文书打印不出来', async ({ as }) => {
  const unit = await as('unit')
  await menu(unit, '申领受理')
  await expect(row(unit, 'CL').first()).toBeVisible()
  const id = await unit.evaluate(async () => (await (await fetch('/api/acceptance/search', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"stage":"materials","size":1}' })).json()).items[0].id as number)
  expectedFailures.get(unit)?.push(/\/api\/papers$/)
  await unit.goto(`/print/payout?cases=${id}`)
  await expect(unit.getByRole('alert')).toContainText('目前没有此文书')
  await unit.goto('/print/receipt?cases=999999')
  await expect(unit.getByRole('alert')).toContainText('案件不存在，或不在您的机构范围内')
})
