// A notice is asked of all communities in one page, answered, sent back, chased and collated; what a meeting decides becomes
// a task, and what is not done returns at the next meeting by itself.
import { type Page, at, expect, phone, test } from './harness/index.ts'
import { workbook } from './harness/workbook.ts'

const title = '充电设施底数排查'
const form = workbook([['充电设施底数表'], ['小区', '楼栋', '充电桩数', '是否信教']])

/** Acts of a person: each is a key, a click or a paste. */
let steps = 0
async function step(act: Promise<unknown>): Promise<void> {
  steps += 1
  await act
}

async function open(page: Page, name: string): Promise<void> {
  await page.getByRole('row').filter({ hasText: name }).getByRole('link', { name }).click()
}

test('a notice to all communities: asked in a minute, sent back, chased, collated', async ({ asRole, setClock, shown }) => {
  setClock(at('09:00'))
  const desk = await asRole('zhouxiaoyun')
  await desk.goto('/tasks')
  await shown(desk, '01-tasks')
  await step(desk.keyboard.press('t'))
  await expect(desk.locator('h1')).toHaveText('新交办')
  await step(desk.getByLabel('交办内容').fill(`${title}。请各社区填报附表，明天下班前报综合办。`))
  await step(desk.getByLabel(/^全部社区/).check())
  await step(desk.locator('#f-form').setInputFiles({ name: '底数表.xlsx', mimeType: 'application/octet-stream', buffer: form }))
  await step(desk.getByLabel('第 1 个数字', { exact: true }).fill('充电桩'))
  await shown(desk, '02-new')
  await step(desk.keyboard.press('Control+Enter'))
  await expect(desk.locator('h1')).toContainText(title)
  expect(steps, 'from the notice to all communities asked').toBeLessThanOrEqual(6)
  await expect(desk.locator('.notice.ok')).toContainText('已交办给 6 个单位')
  // The column of an excluded class is left out, and said aloud.
  await expect(desk.locator('.notice.warn')).toContainText('是否信教')
  await shown(desk, '03-given')
  const task = new URL(desk.url()).pathname

  const wang = await asRole('wangxiulan', phone)
  await wang.goto('/')
  await wang.getByRole('link', { name: new RegExp(title) }).first().click()
  await expect(wang.getByText('是否信教', { exact: true })).toHaveCount(0)
  await wang.getByLabel('充电桩').first().fill('12')
  await wang.getByLabel('办理情况').fill('已全部排查。')
  await wang.getByLabel('粘贴表格行').fill('小区\t楼栋\t充电桩数\n柳溪花园\t3栋\t8\n柳溪花园\t5栋\t4\n')
  await shown(wang, '04-answer')
  await wang.getByRole('button', { name: '报送' }).click()
  await expect(wang.locator('.notice.ok')).toContainText('已报送 2 行')
  const own = new URL(wang.url()).pathname

  const north = await asRole('chenguodong')
  await north.goto('/tasks?view=own')
  await open(north, title)
  await north.getByRole('button', { name: '零报告' }).click()
  await north.getByRole('button', { name: '确定' }).click()
  await expect(north.locator('.notice.ok')).toContainText('已零报告')
  // A neighbour's answer is not there.
  expect((await north.goto(own))?.status()).toBe(404)

  setClock(at('09:20'))
  await desk.goto(task)
  await open(desk, '柳溪社区')
  await desk.getByText('退回补正', { exact: true }).last().click()
  await desk.getByLabel('哪里需要补正').fill('缺地下车库')
  await desk.getByRole('button', { name: '退回' }).click()
  await expect(desk.locator('.notice.ok')).toContainText('已退回补正')
  await desk.goto(task)
  await desk.getByRole('button', { name: /复制发群/ }).click()
  await expect(desk.locator('.notice.ok')).toContainText('已记为催报（5 个单位）')
  await expect(desk.locator('#chase-text')).toHaveValue(new RegExp(`^请以下社区.+前报送《${title}》：.*柳溪社区`))
  await expect(desk.getByRole('row').filter({ hasText: '东苑社区' })).toContainText('1 次')
  await shown(desk, '05-chased')

  await wang.reload()
  await expect(wang.locator('.notice.bad')).toContainText('缺地下车库')
  await wang.getByLabel('粘贴表格行').fill('柳溪花园\t地下车库\t6\n')
  await wang.getByRole('button', { name: '报送' }).click()
  await expect(wang.locator('.notice.ok')).toContainText('已报送 3 行')

  await desk.goto(`${task}/collated`)
  await expect(desk.getByText('地下车库')).toBeVisible()
  await shown(desk, '06-collated')
  const download = desk.waitForEvent('download')
  await desk.getByRole('link', { name: '下载汇总表' }).click()
  expect((await download).suggestedFilename()).toBe(`${title}-汇总.xlsx`)
})

test('a decision becomes a task, and what is not done returns next time', async ({ asRole, setClock, shown }) => {
  setClock(at('14:10'))
  const desk = await asRole('zhouxiaoyun')
  await desk.goto('/meetings/new')
  await desk.getByLabel('会议类别').fill('专题会')
  await desk.getByLabel('议题', { exact: false }).last().fill('夜市油烟\n占道停车')
  await desk.getByRole('button', { name: /建立/ }).click()
  await expect(desk.locator('.notice.ok')).toContainText('已建立')
  const meeting = new URL(desk.url()).pathname
  for (const [text, owner] of [['清洗油烟净化器，一店一档', '综合执法队'], ['划定夜间停车位', '城建办']] as const) {
    await desk.getByLabel('意见或议题').fill(text)
    await desk.locator('#f-target').selectOption({ label: owner })
    await desk.getByRole('button', { name: /记下/ }).click()
    await expect(desk.locator('.decision').filter({ hasText: text })).toContainText(owner)
  }
  await shown(desk, '11-meeting')
  const first = desk.locator('.decision').filter({ hasText: '油烟净化器' })
  await first.getByText('处理', { exact: true }).click()
  await first.getByRole('button', { name: '转为交办' }).click()
  await expect(desk.locator('h1')).toContainText('清洗油烟净化器')
  const task = new URL(desk.url()).pathname
  await desk.goto(`${meeting}/minutes`)
  await expect(desk.locator('.sheet')).toContainText('责任单位：城建办')
  await shown(desk, '12-minutes')

  await desk.goto(meeting)
  await desk.getByRole('button', { name: '纪要定稿' }).click()
  await desk.getByRole('button', { name: '确定' }).click()
  await expect(desk.locator('.notice.ok')).toContainText('已定稿')
  setClock(at('14:20'))
  await desk.goto(task)
  await desk.getByRole('button', { name: '办结' }).click()
  await desk.getByRole('button', { name: '确定' }).click()
  await expect(desk.locator('.notice.ok')).toContainText('已办结')

  setClock(at('14:40'))
  await desk.goto(meeting)
  await desk.getByRole('link', { name: '再开一次' }).click()
  await desk.getByRole('button', { name: /建立/ }).click()
  await expect(desk.getByRole('heading', { name: '上次未办结' })).toBeVisible()
  await expect(desk.locator('.decision')).toHaveCount(1)
  await expect(desk.locator('.decision')).toContainText('划定夜间停车位')
  await shown(desk, '13-returned')
})
