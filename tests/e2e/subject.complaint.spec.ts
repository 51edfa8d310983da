// A complaint about a community never reaches that community: not by dispatch, search, address, link, task, message, export
// or figure. Whoever is to handle it has it.
import { type Page, at, day, expect, test } from './harness/index.ts'
import { ask } from './harness/direct.ts'
import { onDuty } from './harness/duty.ts'
import { accept, action, choose, dispatch, figure, open } from './harness/round.ts'
import { csrfOf, expectNowhere, listedIds, wordsAt } from './harness/sight.ts'
import { acceptAbout, community as unit, isNotThere, noise, said, theirs } from './harness/subject.ts'

const service = { words: '社区与网格工作人员服务', code: 'L04004' }
const refused = '被反映对象及其下属不能承办或协办本件'

/** Everywhere where cases are listed, counted, told or handed out. */
const everywhere = [
  '/', '/queue/sign', '/queue/handle', '/queue/verify', '/cases', '/cases?phase=open', '/cases/ledger', '/places', '/documents',
  '/stats', '/stats/demand.received?by=place', '/stats/demand.received/records', '/stats/demand.open/records', '/wall', '/report',
  '/stats/demand.received/file?format=csv&by=matter', '/stats/demand.open/file?format=xlsx&by=place', '/roster/log', '/messages',
  '/messages/desk', '/tasks?view=own', '/meetings', '/api/v1/cases?limit=100', '/api/v1/stats/demand.received?by=matter',
]

test('a complaint about a community goes past it', async ({ visitor, asRole, setClock, shown }) => {
  test.setTimeout(300_000)
  setClock(at('09:40'))
  const [acceptor, desk, leader] = [await asRole('zhoumin'), await asRole('linlan'), await asRole('songjianping')]

  // Its secretary is on duty: whatever is urgent would be told to her.
  await onDuty(await asRole('zhouxiaoyun'), '张桂芳')

  // What is about nobody they all have: nothing but the complaint's subject keeps the others from them.
  const secretary = await asRole(theirs[0])
  const blank = await wordsAt(secretary, everywhere)
  const plain = await said(visitor, desk, '东苑小区门口跳广场舞，声音太大，孩子写不了作业')
  await accept(acceptor, plain.no, noise)
  await choose(desk, '/board', plain.no)
  await expect(desk.locator('.hint-card').first()).toContainText(unit)
  await dispatch(desk, plain.no)
  const people: Page[] = []
  const before: Record<string, string>[] = []
  for (const login of theirs) {
    const page = await asRole(login)
    await page.goto(`/cases?q=${encodeURIComponent(plain.text)}`)
    expect(await listedIds(page), login).toContain(plain.id)
    people.push(page)
    before.push(await wordsAt(page, everywhere))
  }
  const news = everywhere.filter((path) => before[0]![path] !== blank[path])
  expect(news, 'what an ordinary report changes for her').toEqual(everywhere.filter((path) => path !== '/report'))
  const figures = await figure(leader, 'demand.received', day)

  const manners = await said(visitor, desk, '找社区开证明跑了三趟，工作人员说不归他们管，态度很差')
  const own = await said(visitor, desk, '社区居委会活动室天天放音响到半夜，找他们也不听')
  await acceptAbout(acceptor, manners.no, service, true)
  await acceptAbout(acceptor, own.no, noise)

  // The duty list gives it to the community: said, and not suggested; neither offered nor taken.
  await choose(desk, '/board', own.no)
  await expect(desk.locator('.card.warn')).toContainText(`按权责清单应由${unit}承办，但它或其上级是被反映对象`)
  await expect(action(desk, '按建议分拨')).toHaveCount(0)
  const form = await open(desk, '分拨')
  for (const label of ['主办单位', '协办单位 1']) {
    const offered = await form.getByLabel(label, { exact: true }).locator('option').allInnerTexts()
    expect(offered, label).toContain('平安办')
    expect(offered, label).not.toContain(unit)
  }
  await shown(desk, '01-dispatch')
  const { items: units } = await ask<{ items: { id: string; short: string }[] }>(desk, 'units?limit=200')
  const [community, others] = [unit, '平安办'].map((short) => units.find((u) => u.short === short)!.id)
  const { version } = await ask<{ version: number }>(desk, `cases/${own.id}`)
  for (const parts of [{ lead: community! }, { lead: others!, co: community! }]) {
    const sent = { csrf: await csrfOf(desk), idem: `0190-subject-${Object.keys(parts).length}`, version: String(version), ...parts }
    const answer = await desk.request.post(`/cases/${own.id}/act/dispatch`, { form: sent, headers: { origin: new URL(desk.url()).origin } })
    expect(answer.status(), JSON.stringify(parts)).toBe(422)
    expect(await answer.text()).toContain(refused)
  }
  await desk.goto('/cases?phase=accepted')
  await desk.locator(`input[type=checkbox][value^="${own.id}"]`).check()
  await desk.getByRole('button', { name: '按建议分拨所选' }).click()
  await expect(desk.locator('.notice').first()).toContainText('已办 0 件')
  await shown(desk, '02-not-by-the-dozen')

  // Others have it.
  await dispatch(desk, own.no, { lead: '平安办' })
  await dispatch(desk, manners.no)
  const safety = await asRole('xuguoqing')
  for (const it of [manners, own]) {
    await choose(safety, '/queue/sign', it.no)
    await expect(safety.locator('.facts')).toContainText(unit)
  }
  await shown(safety, '03-others')
  expect((await figure(leader, 'demand.received', day)).value).toBe((figures.value ?? 0) + 2)

  for (const [i, page] of people.entries()) {
    const after = await wordsAt(page, everywhere)
    for (const path of everywhere) expect(after[path], `${theirs[i]} at ${path}`).toBe(before[i]![path])
    for (const it of [manners, own]) await isNotThere(page, it)
  }
  await people[0]!.goto('/')
  await shown(people[0]!, '04-secretary')

  // Urgent, it calls whoever has it; not her, who is on duty.
  setClock(at('09:42'))
  await expect(async () => {
    await safety.goto('/messages')
    await expect(safety.locator('main')).toContainText(manners.no, { timeout: 500 })
  }).toPass({ timeout: 60_000 })
  await shown(safety, '05-called')
  for (const path of ['/messages', '/messages/desk']) {
    await people[0]!.goto(path)
    await expectNowhere(people[0]!, [manners.no, `/cases/${manners.id}`])
  }
})
