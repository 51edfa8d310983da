// A stranger has last year's workbook of tickets and this program, and no terminal: from the first page to what is late today,
// the places that come back, the unit that returns most, and a briefing whose figures open.
import { expect, test } from './harness/index.ts'
import { everyListIsAsLong, figuresIn, statedTotal } from './harness/sight.ts'
import { workbook } from './harness/workbook.ts'

test.use({ kind: 'none', startClock: '2026-01-12T09:00:00+08:00' })

const password = '青禾街道便民服务一号窗口'
const head = ['工单编号', '受理时间', '诉求内容', '承办单位', '所属社区', '地址', '事项', '办结时间', '办理时限', '退单次数', '来电人']
const day = (n: number) => new Date(Date.UTC(2025, 9, 20 + n)).toISOString().slice(0, 10)

/** 120 tickets of a quarter; every sixth is open and late, every tenth was returned by the market office. */
function tickets(): (string | number)[][] {
  const units = ['城管办', '市场所', '环卫所']
  return Array.from({ length: 120 }, (_, i) => {
    const [received, open, returned] = [day(i % 80), i % 6 === 0, i % 10 === 1]
    return [
      `20251${String(i).padStart(9, '0')}`, `${received} 09:0${i % 10}`, i % 2 ? '夜市占道经营，人行道走不过去' : '垃圾桶满了没人收',
      returned ? '市场所' : (units[i % 3] ?? ''), i % 4 ? '东苑社区' : '西岭社区', i % 2 ? '团结路夜市' : '和平里3号楼', i % 2 ? '占道经营' : '暴露垃圾',
      open ? '' : `${received} 17:00`, day((i % 80) + 3), returned ? 1 : 0, '张三',
    ]
  })
}

test('from the first page to a briefing, without a terminal', async ({ visitor, shown }) => {
  test.setTimeout(240_000)
  const begun = Date.now()
  const page = await visitor()
  await page.goto('/')
  await page.getByRole('link', { name: '建立本单位' }).click()
  await shown(page, '01-start')
  await page.getByLabel('街道名称').fill('青禾街道')
  await page.getByLabel('姓名').fill('周敏')
  await page.getByLabel('账号').fill('zhoumin')
  await page.getByLabel('密码', { exact: true }).fill(password)
  await page.getByLabel('再输一次密码').fill(password)
  await page.getByRole('button', { name: '建立' }).click()
  await expect(page.locator('tbody tr')).toHaveCount(3)
  await shown(page, '02-made')

  await page.getByRole('link', { name: '登录并导入工单表' }).click()
  await page.getByLabel('账号').fill('zhoumin')
  await page.getByLabel('密码', { exact: true }).fill(password)
  await page.getByRole('button', { name: '登录' }).click()
  await page.waitForURL('**/history')
  await shown(page, '03-bring')
  await page.getByLabel('工单表').setInputFiles({ name: '2025年工单.xlsx', mimeType: '', buffer: workbook([['2025年第四季度工单'], head, ...tickets()]) })
  await page.getByRole('button', { name: '预览' }).click()
  await expect(page.locator('main')).toContainText('不导入、不保存的列：来电人')
  await shown(page, '04-look')
  await page.getByRole('button', { name: '导入 120 件' }).click()
  await expect(page.getByRole('link', { name: '看第一眼' })).toBeVisible({ timeout: 60_000 })
  await shown(page, '05-done')

  await page.getByRole('link', { name: '看第一眼' }).click()
  await shown(page, '06-first')
  await expect(page.locator('.strip')).toContainText('20超期在办')
  await expect(page.getByRole('row').filter({ hasText: '团结路夜市' })).toContainText('60')
  // The market office returned twelve of its tickets.
  await expect(page.locator('section').filter({ hasText: '退单最多的单位' }).getByRole('row').nth(1)).toContainText(/市场所\s*12/)
  for (const part of ['.strip', '.tbl']) {
    const found = await figuresIn(page, part)
    expect(found.bare, part).toEqual([])
    await everyListIsAsLong(page, found.linked)
  }

  await page.getByRole('link', { name: '写一份通报' }).click()
  await page.getByLabel('从').fill('2025-10-01')
  await page.getByLabel('到', { exact: true }).fill('2025-12-31')
  await page.getByRole('button', { name: '生成通报' }).click()
  await expect(page.locator('article')).toContainText('共收到群众诉求')
  await shown(page, '07-briefing')
  const figure = page.locator('article p a').first()
  const said = Number(await figure.innerText())
  await figure.click()
  expect(await statedTotal(page)).toBe(said)
  expect((Date.now() - begun) / 1000, 'machine time of the whole way, in seconds').toBeLessThan(180)
})
