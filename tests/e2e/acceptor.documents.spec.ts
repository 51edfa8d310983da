// Paper: a refusal is told in a letter with a number, signed, served; a wrong one is void and stays listed; the list of
// cases is printed as it stood on a day, its head on every page.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Page, at, expect, test } from './harness/index.ts'
import { picture } from './harness/picture.ts'
import { openCase, reported } from './harness/round.ts'

/** The words of each printed page, without blanks; none where the tool to read them is missing. */
async function printed(page: Page): Promise<string[]> {
  const file = join(mkdtempSync(join(tmpdir(), 'paper-')), 'paper.pdf')
  await page.pdf({ path: file, preferCSSPageSize: true })
  try {
    return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' })
      .split('\f')
      .map((text) => text.replace(/\s/g, ''))
      .filter((text) => text !== '')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

const pdf = { name: 'signed.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF\n') }

test('a letter is issued, signed and served', async ({ asRole, visitor, setClock, shown }) => {
  setClock(at('09:00'))
  const { receipt } = await reported(visitor, '柳溪社区', {
    text: '我和公司有劳动争议，要求街道判公司赔偿。',
    photo: [20, 60, 100, 140, 180].map((shade) => picture(shade)),
  })
  const desk = await asRole('zhoumin')
  await openCase(desk, receipt.no)
  const id = /cases\/(\d+)/.exec(desk.url())?.[1] ?? ''
  await desk.getByRole('link', { name: '出具文书' }).click()
  await expect(desk.locator('.hint-card b').first()).toHaveText('不予受理告知书')
  await shown(desk, '01-choose')
  await desk.getByRole('link', { name: /不予受理告知书/ }).click()
  await desk.getByLabel('理由').fill('劳动人事争议应当通过仲裁解决，不属于街道受理范围。')
  await desk.getByLabel('解决途径').fill('可向劳动人事争议仲裁委员会申请仲裁。')
  await desk.getByLabel('复核单位').fill('街道综合网格中心')
  await shown(desk, '02-form')
  await desk.getByRole('button', { name: '出具并取号' }).click()
  await expect(desk.locator('.page-head .sub')).toContainText(/青禾不受〔2026〕\d+号/)
  await expect(desk.locator('.page-head .chip')).toHaveText('待签章')
  const number = /青禾不受〔2026〕\d+号/.exec((await desk.locator('.page-head .sub').innerText()))?.[0] ?? ''

  const download = desk.waitForEvent('download')
  await desk.getByRole('button', { name: '下载文书' }).click()
  const path = await (await download).path()
  expect(readFileSync(path).subarray(0, 2).toString(), 'a .docx is a zip').toBe('PK')

  await desk.getByLabel('签章件').setInputFiles(pdf)
  await desk.getByRole('button', { name: '上传签章件' }).click()
  await expect(desk.locator('.page-head .chip')).toHaveText('已签章')
  await desk.getByLabel('送达方式').selectOption({ label: '直接送达' })
  await desk.getByLabel('签收人').selectOption({ label: '本人签收' })
  await shown(desk, '03-serve')
  await desk.getByRole('button', { name: '登记送达' }).click()
  await expect(desk.locator('.page-head .chip')).toHaveText('已送达')
  await desk.goto('/documents')
  await expect(desk.getByRole('row').filter({ hasText: number })).toContainText('直接送达')
  await shown(desk, '04-register')
  await desk.goto(`/cases/${id}`)
  await expect(desk.getByRole('link', { name: new RegExp(number.replace(/[〔〕]/g, '.')) })).toBeVisible()

  await desk.getByRole('link', { name: '卷宗' }).click()
  await expect(desk.locator('.ledger').first()).toContainText(number)
  await shown(desk, '05-file')
  const broken = (all: Element[]) => all.filter((img) => (img as HTMLImageElement).naturalWidth === 0).length
  await expect.poll(() => desk.locator('.paper-photos img').evaluateAll(broken), 'pictures that do not show').toBe(0)
  const pages = await printed(desk)
  if (pages.length > 0) {
    expect(pages[0]).toContain(`编号${receipt.no}`)
    expect(pages[0]).toContain('本件尚未办结')
    for (const page of pages) expect(page, 'who printed it stands on every page').toContain('周敏·')
    expect(pages[1]).toContain('卷内目录')
    expect(pages[1]).toContain(number)
    const photos = pages.filter((page) => page.startsWith('第2件'))
    expect(photos.map((page) => page.split('现场2026').length - 1), 'pictures on each page').toEqual([4, 1])
    expect(pages[pages.length - 1]).toContain('原件附后')
  }

  const head = await asRole('fangyi')
  await head.goto('/documents/templates')
  await head.locator('#refusal input[type=file]').setInputFiles({ ...pdf, name: 'x.docx' })
  await head.getByRole('button', { name: /上传模板.*不予受理/ }).click()
  await expect(head.locator('#refusal .errors')).toContainText('不是可用的 .docx')
  await shown(head, '05-templates')
})

test('the ledger is printed with its head on every page', async ({ asRole, shown }) => {
  const desk = await asRole('linlan')
  await desk.goto('/cases')
  await desk.getByRole('link', { name: '打印台账' }).click()
  await expect(desk.locator('.ledger thead')).toContainText('录入日期')
  await shown(desk, '06-ledger')
  const rows = await desk.locator('.ledger tbody tr').count()
  expect(rows).toBeGreaterThan(40)
  const pages = await printed(desk)
  if (pages.length === 0) return
  expect(pages.length).toBeGreaterThan(1)
  for (const page of pages.slice(0, -1)) expect(page).toContain('录入日期')
  for (const page of pages) expect(page).toContain('林岚·')
  expect(pages[pages.length - 1]).toContain('填表人')
})
