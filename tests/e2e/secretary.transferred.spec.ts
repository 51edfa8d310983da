// A secretary is transferred: whoever follows finds everything of hers in one queue, with the deadlines it had; nothing is left
// to an account that is closed.
import { type Fixtures, type Page, at, expect, test } from './harness/index.ts'
import { confirmAll, openAccount } from './harness/administrators.ts'
import { ask, send as sent } from './harness/direct.ts'
import { onDuty } from './harness/duty.ts'
import { type Matter, accept, act, dispatch, finish, idOf, openCase, pass, reported, sign } from './harness/round.ts'
import { allCases, json, wordsAt } from './harness/sight.ts'
import { giveTask } from './harness/tasks.ts'

const [leaver, login, successor] = ['张桂芳', 'zhangguifang', '刘倩']
const noise: Matter = { words: '广场舞', code: 'L16003' }
/** What each of her cases says, and in which queue it stands. */
const texts = { handled: '东苑广场音响太吵', asked: '东苑凉亭夜里唱歌', waiting: '东苑路口敲锣打鼓', checked: '东苑夜市喇叭叫卖' }
type Key = keyof typeof texts
const keys = Object.keys(texts) as Key[]
const queues: Record<Key, string> = { handled: '办理中', asked: '办理中', waiting: '待签收', checked: '待核查' }
const instruction = '请报送辖区老年食堂运行情况'
const given = '请各网格核对文体活动场地'
const decided = '东苑夜间文体活动场地管理办法'
const noted = '来电：东苑南门的健身器材松了'
const panel = '[data-panel]:not([hidden])'

const row = (page: Page, text: string) => page.locator('#inbox .row').filter({ hasText: text })

interface Standing {
  no: string
  state: string
  phase: string
  lead: string | null
  due_at: string | null
  assignments: { unit: string; state: string }[]
  clocks: { kind: string; due: string; state: string }[]
}

/** How a case stands and when it is due, as the leader sees it. */
async function standing(leader: Page, id: string): Promise<object> {
  const { state, due_at, lead, clocks, assignments } = await ask<Standing>(leader, `cases/${id}`)
  return { state, due_at, lead, assignments, clocks }
}

/** Where the leader's figures stand. */
const figures = ['/', '/stats', '/wall', '/stats/demand.open?by=unit', '/stats/demand.on_time_rate?by=place']

/** What is open after its dispatch and has nobody: no part in force, or a part of a unit without people. */
async function orphans(leader: Page): Promise<string[]> {
  const units = new Map<string, number>()
  const out: string[] = []
  for (const { id, no, phase } of await allCases(leader, 'phase=open')) {
    const parts = (await ask<Standing>(leader, `cases/${id}`)).assignments.filter((a) => a.state !== 'off')
    if (parts.length === 0 && !['received', 'accepted', 'ruling'].includes(phase)) out.push(`${no}: no unit`)
    for (const { unit } of parts) {
      if (!units.has(unit)) {
        await leader.goto(`/people?unit=${unit}`)
        units.set(unit, await leader.locator('tbody tr').count())
      }
      if (units.get(unit) === 0) out.push(`${no}: nobody in unit ${unit}`)
    }
  }
  return out
}

/** Everything that is hers before she goes: four cases, a task asked of her and one that she asks, a decision, a shift, a draft. */
async function endow({ visitor, asRole }: Pick<Fixtures, 'visitor' | 'asRole'>, her: Page): Promise<Record<Key, { id: string; no: string }>> {
  const [desk, acceptor, team, keeper] = [await asRole('linlan'), await asRole('zhoumin'), await asRole('zhaogang'), await asRole('zhouxiaoyun')]
  const made = {} as Record<Key, { id: string; no: string }>
  for (const key of keys) {
    const { receipt } = await reported(visitor, '东苑社区', { text: texts[key] })
    await accept(acceptor, receipt.no, noise)
    await dispatch(desk, receipt.no, { lead: key === 'checked' ? '综合执法队' : '东苑社区' })
    made[key] = { no: receipt.no, id: await idOf(desk, receipt.no) }
  }
  for (const key of ['handled', 'asked'] as const) await sign(her, made[key].no)
  await openCase(her, made.asked.no)
  await act(her, '申请延期', { 延长多久: '2', 理由: '要等场地方排出时间。' })
  await openCase(team, made.checked.no)
  await sent(team, made.checked.id, 'sign')
  await sent(team, made.checked.id, 'finish', { note: '已劝离。' }, true)

  await giveTask(keeper, instruction, '社区', '东苑社区')
  await giveTask(her, given, '网格', /东苑社区\s*01\s*网格/)
  await keeper.goto('/meetings/new')
  await keeper.getByLabel('会议类别').fill('专题会')
  await keeper.getByLabel('议题', { exact: false }).last().fill('夜间噪声')
  await keeper.getByRole('button', { name: /建立/ }).click()
  await keeper.getByLabel('意见或议题').fill(decided)
  await keeper.locator('#f-target').selectOption({ label: '东苑社区' })
  await keeper.getByRole('button', { name: /记下/ }).click()
  await expect(keeper.locator('.decision').filter({ hasText: decided })).toContainText('东苑社区')
  await onDuty(keeper, leaver, 14)
  await her.goto('/')
  await her.keyboard.press('n')
  await her.locator(panel).getByLabel('先记下来').fill(noted)
  await expect(her.locator(panel).locator('[data-draft-state]')).toContainText('已保存')
  return made
}

test('whoever follows has all of it, when it was due, and nobody else has lost anything', async ({ visitor, asRole, setClock, shown }) => {
  test.setTimeout(300_000)
  setClock(at('10:00'))
  const [her, leader, next] = [await asRole(login), await asRole('songjianping'), await asRole('liuqian')]
  const made = await endow({ visitor, asRole }, her)
  await her.goto('/')
  for (const key of keys) await expect(row(her, texts[key]).locator('.chip.on')).toContainText(queues[key])
  await next.goto('/')
  for (const key of keys) await expect(row(next, texts[key]), 'a stranger to this community').toHaveCount(0)
  const before = [await wordsAt(leader, figures), await Promise.all(keys.map((key) => standing(leader, made[key].id))), await orphans(leader)]
  expect((before[2] as string[]).filter((line) => line.includes('no unit'))).toEqual([])

  const system = await asRole('wuhao')
  await openAccount(system, leaver)
  await system.getByRole('link', { name: '离岗交接' }).click()
  for (const key of ['handled', 'asked'] as const) await expect(system.locator('#leave')).toContainText(made[key].no)
  await shown(system, '01-leave')
  for (const choice of await system.locator('select[name="to"]').all()) await choice.selectOption({ label: successor })
  await system.getByRole('button', { name: '交接并注销账号' }).click()
  await system.locator('.confirm').getByRole('button', { name: '确定' }).click()
  await expect(system.getByRole('heading', { name: `${leaver}离岗交接清单` })).toBeVisible()
  await shown(system, '02-list')
  await confirmAll(await asRole('dingjie'))

  // Hers, whatever hat it waits for.
  await next.goto('/')
  for (const key of keys) await expect(row(next, texts[key]).locator('.chip.on')).toContainText(queues[key])
  await expect(next.locator('.section', { hasText: '要我报送的' })).toContainText(instruction)
  await shown(next, '03-successor')
  await next.goto('/tasks?view=given')
  await expect(next.locator('tbody tr').filter({ hasText: given })).toBeVisible()
  await next.goto('/meetings')
  await expect(next.locator('.decision').filter({ hasText: decided })).toContainText('东苑社区')

  // As it stood and was due; the history keeps her name.
  expect(await Promise.all(keys.map((key) => standing(leader, made[key].id)))).toEqual(before[1])
  expect(await wordsAt(leader, figures)).toEqual(before[0])
  expect(await orphans(leader)).toEqual(before[2])
  await openCase(next, made.handled.no)
  await expect(next.locator('.tl')).toContainText(`东苑社区 ${leaver} 签收`)
  const { items } = await ask<{ items: { id: string; short: string }[] }>(leader, 'units?limit=200')
  await leader.goto(`/posts?vacant=1&unit=${items.find((u) => u.short === '东苑社区')!.id}`)
  await expect(leader.locator('main')).toContainText('没有')
  await expect(leader.locator('table.fold tbody tr')).toHaveCount(0)
  await leader.goto('/people?state=active')
  await expect(leader.getByRole('link', { name: leaver, exact: true })).toHaveCount(0)

  // She is out: the page that stood open, a program, and a new log-in.
  await her.goto('/')
  expect(new URL(her.url()).pathname).toBe('/login')
  expect((await her.request.get('/api/v1/cases')).status()).toBe(401)
  await her.request.post('/demo/login', { form: { login, next: '/' }, headers: { origin: new URL(her.url()).origin } })
  await her.goto('/cases')
  expect(new URL(her.url()).pathname).toBe('/login')
})

test('whoever follows would hand on what she took over', async ({ asRole }) => {
  const [next, system] = [await asRole('liuqian'), await asRole('wuhao')]
  const { no } = (await allCases(next)).find((one) => one.title.includes(texts.handled))!
  await openAccount(system, successor)
  await system.getByRole('link', { name: '离岗交接' }).click()
  await expect(system.locator('#leave')).toContainText('东苑社区 社区书记')
  await expect(system.locator('#leave')).toContainText(no, { timeout: 1_000 })
})

test('whoever follows goes on where she stopped', async ({ asRole, setClock, shown }) => {
  setClock(at('10:30'))
  const [next, leader] = [await asRole('liuqian'), await asRole('luwen')]
  const nos = {} as Record<Key, string>
  for (const one of await allCases(next)) for (const key of keys) if (one.title.includes(texts[key])) nos[key] = one.no
  await finish(next, nos.handled, '已约定九点半以后不放音响。')
  await openCase(leader, nos.asked)
  await act(leader, '同意延期')
  await openCase(next, nos.asked)
  await expect(next.locator('.tl')).toContainText('同意延期')
  await finish(next, nos.asked, '已换场地。')
  await sign(next, nos.waiting)
  await pass(next, nos.checked, '已到现场，没有再放。')
  await next.goto('/tasks?view=own')
  await next.getByRole('link', { name: instruction }).first().click()
  await next.getByLabel('办理情况').fill('两处食堂运行正常。')
  await next.getByRole('button', { name: '报送' }).click()
  await expect(next.locator('.notice.ok')).toContainText('已报送')
  await openCase(next, nos.handled)
  await expect(next.locator('.tl')).toContainText(`${leaver} 签收`)
  await expect(next.locator('.tl')).toContainText(`${successor} 办结`)
  await shown(next, '04-history')
})

test('what she had noted and not registered can be read by whoever follows', async ({ asRole }) => {
  const next = await asRole('liuqian')
  const { drafts } = await json<{ drafts: { id: string }[] }>(next, '/intake/drafts')
  expect(drafts).toHaveLength(1)
  expect((await next.request.get('/intake')).status(), 'nor is registering out of order').toBe(200)
  const panel = await next.request.get(`/intake/panel?draft=${drafts[0]!.id}`)
  expect(panel.status()).toBe(200)
  expect(await panel.text()).toContain(noted)
})

test('her next shift is not left to an account that is closed', async ({ asRole }) => {
  const keeper = await asRole('zhouxiaoyun')
  await keeper.goto('/roster')
  await expect(keeper.locator('.month')).toContainText('值班员')
  await expect(keeper.locator('.month')).not.toContainText(leaver, { timeout: 1_000 })
})

test('the list she signs names the tasks, the decisions and the shifts, too', async ({ asRole }) => {
  const system = await asRole('wuhao')
  await system.goto('/people?state=closed')
  await system.getByRole('link', { name: leaver, exact: true }).click()
  await system.getByRole('link', { name: '交接清单' }).click()
  await expect(system.locator('.sheet')).toContainText('社区书记')
  for (const what of ['待报送的交办', '议定事项', '值班']) await expect(system.locator('.sheet')).toContainText(what, { timeout: 1_000 })
})

test('it is signed by as many as it has places for', async ({ asRole }) => {
  const system = await asRole('wuhao')
  await system.goto('/people?state=closed')
  await system.getByRole('link', { name: leaver, exact: true }).click()
  await system.getByRole('link', { name: '交接清单' }).click()
  // 移交人、接收人、监交人 and a date.
  await expect(system.locator('.signs > div')).toHaveCount(4)
  await expect(system.locator('.page-head')).toContainText('三方签字', { timeout: 1_000 })
})

test('a decision that is hers to do leads to its meeting', async ({ asRole }) => {
  const next = await asRole('liuqian')
  await next.goto('/meetings')
  const link = next.locator('.decision').filter({ hasText: decided }).getByRole('link')
  expect((await next.goto((await link.getAttribute('href'))!))?.status()).toBe(200)
})
