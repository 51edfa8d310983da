import { type Page, expect, phone, test } from './harness/index.ts'
import { type Receipt, accept, act, dispatch, follow, open, openCase, reported, send, sign } from './harness/round.ts'
import { csrfOf } from './harness/sight.ts'

// The statutory calendar around 国庆 2026 (packs/calendars/cn.csv): 1 October, a Thursday, to 7 October, a Wednesday,
// is off; on Saturday 10 October people work. Office hours are 08:30-12:00 and 14:00-17:30, seven hours a day.
test.use({ startClock: '2026-09-28T09:40:00+08:00' })

let receipt: Receipt
const lead = '综合执法队'
const helper = '市政服务中心'

/** The lines of the explanation 怎么算的 of a clock: rule, days (what, text), end. */
async function explained(page: Page, clock: string): Promise<{ rule: string; days: string[]; end: string }> {
  const details = page.locator('details.clock').filter({ has: page.locator(`summary:has-text("${clock}")`) })
  if ((await details.getAttribute('open')) === null) await details.locator('summary').click()
  const inside = details.locator('.how-in')
  await expect(inside).toBeVisible()
  const days = await inside
    .locator('dt')
    .evaluateAll((list) => list.map((dt) => `${dt.textContent} | ${(dt.nextElementSibling as HTMLElement).innerText}`))
  return {
    rule: (await inside.locator('p').first().innerText()).trim(),
    days: days.map((day) => day.replace(/\s*\n\s*/g, ' | ').trim()),
    end: (await inside.locator('p').last().innerText()).trim(),
  }
}

test('lead and helper have deadlines of their own, each explained to the minute', async ({
  visitor,
  asRole,
  setClock,
  shot,
  shown,
}) => {
  const text = '柳溪路菜场后门夜里卸货、切割，噪声扰民，睡不着；货车还把路面压塌了一块'
  const said = await reported(visitor, '柳溪社区', { text, where: '柳溪路菜场后门', phone: '19900006123' })
  const { resident } = said
  receipt = said.receipt
  const desk = await asRole('linlan')
  await accept(desk, receipt.no, { words: '噪声扰民', code: '06028' })
  setClock('2026-09-28T10:07:00+08:00')
  await dispatch(desk, receipt.no, { lead, limit: [5, '工作日'], helper, helpers: [34, '工作时'] })
  await openCase(desk, receipt.no)

  // The lead: five working days; the day of dispatch does not count. 29 Sep (1), 30 Sep (2), then seven days off,
  // 8 Oct (3), 9 Oct (4), Saturday 10 Oct (5): until the end of work, 17:30.
  const leads = await explained(desk, `办理 · ${lead}`)
  expect(leads.rule).toContain('9月28日 10:07 起，5 工作日')
  expect(leads.days).toEqual([
    '9月28日 工作日 | 起算当天不计',
    '9月29日至9月30日 工作日 | 08:30–12:00 计时、14:00–17:30 计时 | 每天计 1 工作日',
    '10月1日至10月7日 国庆节 | 休息日不计',
    '10月8日至10月9日 工作日 | 08:30–12:00 计时、14:00–17:30 计时 | 每天计 1 工作日',
    '10月10日 调休上班（国庆节） | 08:30–12:00 计时、14:00–17:30 计时 | 计 1 工作日',
  ])
  expect(leads.end).toBe('到 10月10日 17:30 为止，这一刻仍算按时。')

  // The helper: thirty-four working hours from 10:07. 28 Sep 1:53 + 3:30 = 5:23; 29 Sep 7 h, 12:23 so far;
  // 30 Sep 19:23; 8 Oct 26:23; 9 Oct 33:23; 0:37 are left for Saturday from 08:30, that is until 09:07.
  const helpers = await explained(desk, `办理 · ${helper}`)
  expect(helpers.rule).toContain('9月28日 10:07 起，34 工作时')
  expect(helpers.days).toEqual([
    '9月28日 工作日 | 10:07–12:00 计时、14:00–17:30 计时 | 计 5 小时 23 分钟',
    '9月29日至9月30日 工作日 | 08:30–12:00 计时、14:00–17:30 计时 | 每天计 7 小时',
    '10月1日至10月7日 国庆节 | 休息日不计',
    '10月8日至10月9日 工作日 | 08:30–12:00 计时、14:00–17:30 计时 | 每天计 7 小时',
    '10月10日 调休上班（国庆节） | 08:30–09:07 计时 | 计 37 分钟',
  ])
  expect(helpers.end).toBe('到 10月10日 09:07 为止，这一刻仍算按时。')
  await shown(desk, 'explained')
  await desk.setViewportSize(phone.viewport)
  await shot(desk, 'explained')

  // The resident is promised the lead's instant and reads which days do not count.
  await follow(resident, receipt)
  await expect(resident.locator('.promise')).toContainText('10月10日 17:30')
  await resident.locator('details.how summary', { hasText: '怎么算的' }).click()
  await expect(resident.locator('details.how .how-in').first()).toContainText('10月1日至10月7日（国庆节）')
  await shown(resident, 'promise')
})

test('an extension asked in time is granted, another is refused, and a third comes too late', async ({
  asRole,
  setClock,
  shot,
  shown,
}) => {
  setClock('2026-09-29T09:00:00+08:00')
  const enforcement = await asRole('zhaogang')
  await sign(enforcement, receipt.no)
  const municipal = await asRole('gaojianguo')
  await sign(municipal, receipt.no)
  await openCase(enforcement, receipt.no)
  await act(enforcement, '申请延期', { 理由: '要等噪声检测报告，节后才能出', 延长多久: '2' })
  await openCase(municipal, receipt.no)
  await act(municipal, '申请延期', { 理由: '人手不够', 延长多久: '7' })

  const arbiter = await asRole('fangyi')
  await openCase(arbiter, receipt.no)
  // Two requests wait, so each decision names its own.
  const grant = await open(arbiter, '同意延期')
  await expect(grant).toContainText('要等噪声检测报告')
  await grant.locator('label', { hasText: lead }).click()
  await shown(arbiter, 'granting')
  await send(grant, '同意延期', `同意延期：${receipt.no}`)
  await act(arbiter, '不同意延期', { 理由: '路面抢修不等人，请今明两天安排' })

  // Two more working days after 10 October: 11 October is a Sunday, 12 October (6), 13 October (7), 17:30.
  const later = await explained(arbiter, `办理 · ${lead}`)
  expect(later.rule).toContain('7 工作日')
  expect(later.end).toContain('10月13日 17:30')
  expect((await explained(arbiter, `办理 · ${helper}`)).end).toBe('到 10月10日 09:07 为止，这一刻仍算按时。')
  const decided = arbiter.locator('section.card', { has: arbiter.locator('h2', { hasText: '申请记录' }) })
  await expect(decided).toContainText('不同意。路面抢修不等人')
  await expect(decided).toContainText('同意')
  await shot(arbiter, 'decided')

  // 10 October, 09:08: the helper's deadline has passed by a minute, and asking comes too late.
  setClock('2026-10-10T09:08:00+08:00')
  const late = await asRole('gaojianguo')
  await openCase(late, receipt.no)
  await expect(late.locator('summary', { hasText: `办理 · ${helper}` })).toContainText('超时 1 分钟')
  await expect(late.locator('.acts a[href$="/act/ask_extension"]')).toHaveCount(0)
  const answer = await late.request.post(`${new URL(late.url()).pathname}/act/ask_extension`, {
    form: { csrf: await csrfOf(late), reason: '还要两天', limit_amount: '2', limit_unit: 'work_hour' },
  })
  expect(answer.status()).toBeGreaterThanOrEqual(400)
  await shot(late, 'late')
})

test('a supervised case shows it to everybody who has it in hand, and both finish', async ({
  visitor,
  asRole,
  setClock,
  shot,
  shown,
}) => {
  setClock('2026-10-10T09:20:00+08:00')
  const supervisor = await asRole('guming')
  await openCase(supervisor, receipt.no)
  await act(supervisor, '督办', { 督办要求: '居民已多次反映，周一前书面报告办理情况' })
  await expect(supervisor.locator('.case-no')).toContainText('督办')
  const lateUnit = await asRole('gaojianguo')
  await openCase(lateUnit, receipt.no)
  await expect(lateUnit.locator('.case-no')).toContainText('督办')
  await expect(lateUnit.locator('.tl')).toContainText('周一前书面报告办理情况')
  await act(lateUnit, '协办办结', { 协办结果: '塌陷处已挖补、压实，恢复通行' })
  await expect(lateUnit.locator('section.card', { hasText: '承办单位' }).last()).toContainText('超时办结')

  const home = await asRole('songjianping')
  await home.goto('/')
  await expect(home.locator('main')).toContainText('督办')

  setClock('2026-10-13T17:30:00+08:00')
  const leadUnit = await asRole('zhaogang')
  await openCase(leadUnit, receipt.no)
  await act(leadUnit, '办结', { 办理结果: '检测超标，已责令改用静音推车，夜间停止切割' })
  // The very last instant is still in time.
  await expect(leadUnit.locator('summary', { hasText: `办理 · ${lead}` })).toContainText('按时完成 今天 17:30')
  await shown(leadUnit, 'finished')
  await leadUnit.goto(`${new URL(leadUnit.url()).pathname}/print`)
  await shown(leadUnit, 'print')
  const resident = await visitor(phone)
  await follow(resident, receipt)
  await expect(resident.locator('.steps')).toContainText('办理时限延长')
  await shot(resident, 'extended')
})
