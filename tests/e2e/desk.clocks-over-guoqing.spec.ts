import { expect, test } from './harness/index.ts'
import {
  accept,
  actWith,
  dispatch,
  explained,
  follow,
  openCase,
  openForm,
  press,
  reportTrouble,
} from './harness/steps.ts'

// The statutory calendar around 国庆 2026 (packs/calendars/cn.csv): 1 October, a Thursday, to 7 October, a Wednesday,
// is off; on Saturday 10 October people work. Office hours are 08:30-12:00 and 14:00-17:30, seven hours a day.
test.use({ startClock: '2026-09-28T09:40:00+08:00' })

const receipt = { no: '', code: '' }
const lead = '综合执法队'
const helper = '市政服务中心'

test('lead and helper have deadlines of their own, each explained to the minute', async ({
  visitor,
  asRole,
  setClock,
  axe,
  shot,
}) => {
  const resident = await visitor({ viewport: { width: 390, height: 844 } })
  const said = '柳溪路菜场后门夜里卸货、切割，噪声扰民，睡不着；货车还把路面压塌了一块'
  Object.assign(receipt, await reportTrouble(resident, { text: said, address: '柳溪路菜场后门', phone: '19900006123' }))
  const desk = await asRole('linlan')
  await openCase(desk, receipt.no)
  await accept(desk, '噪声扰民', '06028')
  setClock('2026-09-28T10:07:00+08:00')
  await dispatch(desk, lead, [5, 'work_day'], { unit: helper, limit: [34, 'work_hour'] })

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
  await axe(desk)
  await shot(desk, 'explained')
  await desk.setViewportSize({ width: 390, height: 844 })
  await shot(desk, 'explained')

  // The resident is promised the lead's instant and reads which days do not count.
  await follow(resident, receipt)
  await expect(resident.locator('.promise')).toContainText('10月10日 17:30')
  await resident.locator('details.how summary', { hasText: '怎么算的' }).click()
  await expect(resident.locator('details.how .how-in').first()).toContainText('10月1日至10月7日（国庆节）')
  await axe(resident)
  await shot(resident, 'promise')
})

test('an extension asked in time is granted, another is refused, and a third comes too late', async ({
  asRole,
  setClock,
  axe,
  shot,
}) => {
  setClock('2026-09-29T09:00:00+08:00')
  const enforcement = await asRole('zhaogang')
  await openCase(enforcement, receipt.no)
  await press(enforcement, 'sign')
  const municipal = await asRole('gaojianguo')
  await openCase(municipal, receipt.no)
  await press(municipal, 'sign')
  await actWith(enforcement, 'ask_extension', { reason: '要等噪声检测报告，节后才能出', limit_amount: '2' })
  await actWith(municipal, 'ask_extension', { reason: '人手不够', limit_amount: '7' })

  const arbiter = await asRole('fangyi')
  await openCase(arbiter, receipt.no)
  // Two requests wait, so each decision names its own.
  const grant = await openForm(arbiter, 'grant_extension')
  await expect(grant).toContainText('要等噪声检测报告')
  await grant.locator('label', { hasText: lead }).click()
  await axe(arbiter)
  await shot(arbiter, 'granting')
  await grant.locator('.form-foot button.pri').click()
  await expect(arbiter.locator('.detail-in > .notice.ok')).toContainText('同意延期')
  await actWith(arbiter, 'refuse_extension', { reason: '路面抢修不等人，请今明两天安排' })

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
  const csrf = await late.locator('meta[name="csrf"]').getAttribute('content')
  const answer = await late.request.post(`${new URL(late.url()).pathname}/act/ask_extension`, {
    form: { csrf: csrf ?? '', reason: '还要两天', limit_amount: '2', limit_unit: 'work_hour' },
  })
  expect(answer.status()).toBeGreaterThanOrEqual(400)
  await shot(late, 'late')
})

test('a supervised case shows it to everybody who has it in hand, and both finish', async ({
  asRole,
  visitor,
  setClock,
  axe,
  shot,
}) => {
  setClock('2026-10-10T09:20:00+08:00')
  const supervisor = await asRole('guming')
  await openCase(supervisor, receipt.no)
  await actWith(supervisor, 'supervise', { note: '居民已多次反映，周一前书面报告办理情况' })
  await expect(supervisor.locator('.case-no')).toContainText('督办')
  const lateUnit = await asRole('gaojianguo')
  await openCase(lateUnit, receipt.no)
  await expect(lateUnit.locator('.case-no')).toContainText('督办')
  await expect(lateUnit.locator('.tl')).toContainText('周一前书面报告办理情况')
  await actWith(lateUnit, 'finish_co', { note: '塌陷处已挖补、压实，恢复通行' })
  await expect(lateUnit.locator('section.card', { hasText: '承办单位' }).last()).toContainText('超时办结')

  const home = await asRole('songjianping')
  await home.goto('/')
  await expect(home.locator('main')).toContainText('督办')

  setClock('2026-10-13T17:30:00+08:00')
  const leadUnit = await asRole('zhaogang')
  await openCase(leadUnit, receipt.no)
  await actWith(leadUnit, 'finish', { note: '检测超标，已责令改用静音推车，夜间停止切割' })
  // The very last instant is still in time.
  await expect(leadUnit.locator('summary', { hasText: `办理 · ${lead}` })).toContainText('按时完成 今天 17:30')
  await axe(leadUnit)
  await shot(leadUnit, 'finished')
  await leadUnit.goto(`${new URL(leadUnit.url()).pathname}/print`)
  await axe(leadUnit)
  await shot(leadUnit, 'print')
  const resident = await visitor({ viewport: { width: 390, height: 844 } })
  await follow(resident, receipt)
  await expect(resident.locator('.steps')).toContainText('办理时限延长')
  await shot(resident, 'extended')
})
