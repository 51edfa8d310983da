// The office's settings, and a calendar that moves the deadlines that run.
import { readFile } from 'node:fs/promises'
import { expect, type Page, phone, test } from './harness/index.ts'

// The shipped calendar ends on 10 October 2026: longer deadlines are only expected ones.
test.use({ startClock: '2026-10-08T10:00:00+08:00' })

interface Clock {
  path: string
  due: string
}

/** An open case with a deadline that is only expected: its address, and the deadline as the page says it. */
async function expectedCase(page: Page): Promise<Clock> {
  await page.goto('/cases?phase=handling')
  const paths = await page.locator('[data-open]').evaluateAll((links) => links.map((a) => a.getAttribute('href') ?? ''))
  for (const path of paths) {
    await page.goto(path)
    const due = page.locator('details.clock summary', { hasText: '预计' }).first()
    if ((await due.count()) > 0) return { path, due: await due.innerText() }
  }
  throw new Error(`none of ${paths.length} cases has an expected deadline`)
}

const file = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })

test('a calendar is checked, taken over, and moves an open deadline by an entry of the log', async ({
  asRole,
  shown,
}) => {
  const dispatcher = await asRole('linlan')
  const before = await expectedCase(dispatcher)

  const system = await asRole('wuhao')
  await system.goto('/')
  await system.locator('nav').getByRole('link', { name: '设置' }).click()
  await expect(system.getByText('日历只公布到2026年10月10日').first()).toBeVisible()
  await shown(system, 'settings')
  await system.getByRole('link', { name: '工作日历', exact: true }).click()
  await expect(system.locator('main')).toContainText('国庆节')
  await shown(system, 'calendar')
  await system.getByRole('link', { name: '导入日历' }).first().click()

  // The present calendar is the sample; two days off and the next year are written into it.
  const [download] = await Promise.all([
    system.waitForEvent('download'),
    system.getByRole('link', { name: '下载现行日历作样例' }).click(),
  ])
  const sample = (await readFile(await download.path(), 'utf8')).trimEnd()
  const years = `${sample}
2026-10-12,1,holiday,停电检修
2026-10-13,2,holiday,停电检修
2027-01-01,5,holiday,元旦
2027-10-01,5,holiday,国庆节`
  const chosen = system.locator('input[type="file"]')

  await chosen.setInputFiles(file('错.csv', `${years}\n2027-10-32,5,holiday,国庆节\n2027-10-04,2,holiday,国庆节\n`))
  await system.getByRole('button', { name: '只检查' }).click()
  await expect(system.getByText('有 2 处错误，什么也没有写入。')).toBeVisible()
  await expect(system.locator('main table')).toContainText('请写成 2027-01-01')
  await expect(system.locator('main table')).toContainText('星期与日期对不上')
  await shown(system, 'calendar-errors')

  await chosen.setInputFiles(file('2027.csv', years))
  await system.getByRole('button', { name: '只检查' }).click()
  await expect(system.getByText(/将有 \d+ 个未完结的时限变动/)).toBeVisible()
  await shown(system, 'calendar-checked')
  await dispatcher.goto(before.path)
  await expect(dispatcher.locator('details.clock summary', { hasText: '预计' }).first()).toHaveText(before.due, {
    useInnerText: true,
  })

  await chosen.setInputFiles(file('2027.csv', years))
  await system.getByRole('button', { name: '导入', exact: true }).click()
  await expect(system.getByText(/日历已导入。\d+ 个时限正在重算/)).toBeVisible()
  await expect(system.locator('main')).toContainText('元旦')

  // On the case: another deadline, no longer an expected one, explained, and in the log.
  await expect(async () => {
    await dispatcher.goto(before.path)
    await expect(dispatcher.locator('.tl')).toContainText('日历或工作时间调整，时限重新计算', { timeout: 500 })
  }).toPass({ timeout: 20_000 })
  await expect(dispatcher.locator('.tl')).toContainText('时限变动')
  await expect(dispatcher.locator('details.clock summary', { hasText: '预计' })).toHaveCount(0)
  const explained = dispatcher.locator('details.clock', { hasText: '停电检修' }).first()
  await explained.locator('summary').click()
  await expect(explained).toContainText('2018 年至2027年10月1日')
  await expect(explained).toContainText('这一刻仍算按时')
  await shown(dispatcher, 'case')
})

test('hours are looked at first, and move what runs', async ({ asRole, axe, shot }) => {
  const system = await asRole('wuhao')
  await system.goto('/settings')
  const hours = system.locator('#set-hours')
  await hours.getByLabel('第 1 段开始').fill('12:30')
  await hours.getByRole('button', { name: '保存' }).click()
  await expect(hours.locator('.err')).toBeVisible()
  await expect(hours.getByLabel('第 1 段开始')).toHaveValue('12:30')
  await axe(system)
  await hours.getByLabel('第 1 段开始').fill('09：00')
  await hours.getByRole('button', { name: '看看影响' }).click()
  await expect(hours.getByText(/将有 \d+ 个未完结的时限变动/)).toBeVisible()
  await shot(system, 'hours')
  await hours.getByRole('button', { name: '保存' }).click()
  await expect(system.getByText('正在按新的工作时间重算')).toBeVisible()
  await expect(hours.getByLabel('第 1 段开始')).toHaveValue('09:00')
  await expect(hours).toContainText('6 小时 30 分钟')

  const auditor = await asRole('dingjie')
  await auditor.goto('/log')
  await expect(auditor.locator('main')).toContainText('修改设置')
  await expect(auditor.locator('main')).toContainText('导入日历')
})

test('the office speaks its own words, shows its telephone and says how long contacts are kept', async ({
  visitor,
  asRole,
  axe,
  shown,
}) => {
  const system = await asRole('wuhao')
  await system.goto('/settings')
  await system.locator('#set-words').getByText('派单', { exact: true }).click()
  await system.locator('#set-words').getByText('责任单位', { exact: true }).click()
  await system.locator('#set-words').getByRole('button', { name: '保存' }).click()
  await expect(system.getByText('已保存，立即生效。')).toBeVisible()
  const dispatcher = await asRole('linlan')
  await dispatcher.goto('/board')
  await expect(dispatcher.locator('nav').first()).toContainText('派单台')
  await expect(dispatcher.locator('nav').first()).not.toContainText('分拨')

  await system.getByLabel('本单位服务电话').fill('0000-6600-100')
  await system.locator('#set-office').getByRole('button', { name: '保存' }).click()
  await expect(system.getByText('已保存，立即生效。')).toBeVisible()
  await system.getByLabel('诉求人联系方式保存天数').fill('365')
  await system.locator('#set-rules').getByRole('button', { name: '保存' }).click()
  await expect(system.getByText('已保存，立即生效。')).toBeVisible()
  const resident = await visitor(phone)
  await resident.goto('/p')
  await expect(resident.locator('footer a[href="tel:0000-6600-100"]')).toBeVisible()
  await axe(resident)
  await resident.goto('/p/privacy')
  await expect(resident.locator('main')).toContainText('365')
  const english = await asRole('wuhao', { locale: 'en-GB' })
  await english.goto('/settings?lang=en')
  await expect(english.getByRole('heading', { level: 1 })).toHaveText('Settings')
  await shown(english, 'settings-en')
})
