// A report turns out to be about the unit that already has it: from then on it is as if that unit had never had it.
import { type Fixtures, type Page, at, expect, phone, test } from './harness/index.ts'
import { ask } from './harness/direct.ts'
import { accept, choose, dispatch, open, send, sign } from './harness/round.ts'
import { expectNowhere } from './harness/sight.ts'
import { type It, about, community, isNotThere, noise, said, secretary } from './harness/subject.ts'

/** The community has it, signed, when it becomes known that it is about the community. */
async function signed({ visitor, asRole }: Pick<Fixtures, 'visitor' | 'asRole'>, text: string): Promise<{ desk: Page; her: Page; it: It }> {
  const desk = await asRole('linlan')
  const it = await said(visitor, desk, text)
  await accept(await asRole('zhoumin'), it.no, noise)
  await dispatch(desk, it.no, { lead: community })
  const her = await asRole(secretary)
  await sign(her, it.no)
  return { desk, her, it }
}

/** Whom it is about is set right. */
async function known(desk: Page, it: It): Promise<void> {
  await desk.goto(`/cases/${it.id}`)
  const form = await open(desk, '被反映对象')
  await about(form)
  await send(form, '保存', '被反映对象')
}

interface Link {
  url: string
  pin: string
}

/** A link of the community's, made on a page of the desk. */
async function linkOf(desk: Page, path: string): Promise<Link> {
  await desk.goto(path)
  const units = desk.locator('select[name=unit]')
  if (await units.count()) await units.selectOption({ label: '青禾街道东苑社区居民委员会' })
  await desk.getByRole('button', { name: '生成链接' }).first().click()
  await expect(desk.locator('.notice.ok')).toContainText('口令另行告知')
  const words = await desk.locator('.copy-row .said').first().innerText()
  return { url: /http\S+/.exec(words)![0], pin: (await desk.locator('.copy-row .said b').first().innerText()).trim() }
}

/** Opens a link; its PIN is asked for once. */
async function enter(hands: Page, link: Link): Promise<void> {
  await hands.goto(link.url)
  const pin = hands.getByLabel('口令')
  if ((await pin.count()) === 0) return
  await pin.fill(link.pin)
  await hands.getByRole('button', { name: '打开' }).click()
  await expect(pin).toHaveCount(0)
}

test('links, a task and a page that stood open tell nothing of it any more', async ({ visitor, asRole, setClock, shown }) => {
  setClock(at('10:00'))
  const { desk, her, it } = await signed({ visitor, asRole }, '东苑社区广场每天晚上音响震天，找了没人管')
  const links = [await linkOf(desk, `/cases/${it.id}/hands`), await linkOf(desk, '/hands')]
  const hands = await visitor(phone)
  for (const link of links) {
    await enter(hands, link)
    await expect(hands.locator('main')).toContainText(it.text)
  }
  await desk.goto(`/tasks/new?case=${it.id}`)
  await desk.getByLabel('交办内容').fill('请报送文体活动场地管理情况。')
  await desk.getByLabel(/^全部社区/).check()
  await desk.keyboard.press('Control+Enter')
  await desk.waitForURL(/\/tasks\/\d+$/)
  await expect(desk.locator('main')).toContainText(`来自诉求 ${it.no}`)
  await her.goto('/tasks?view=own')
  await her.getByRole('link', { name: /文体活动场地/ }).first().click()
  await expect(her.locator('main')).toContainText('请报送文体活动场地管理情况')
  const task = her.url()
  await her.goto(`/cases/${it.id}`)
  const stale = await open(her, '写进展')
  await stale.getByLabel('进展').fill('我们没有放音响。')

  await known(desk, it)
  await shown(desk, '01-known')
  await stale.getByRole('button', { name: '写进展' }).click()
  await expect(her.getByRole('alert')).toContainText('不在您的范围内')
  await shown(her, '02-stale')
  await isNotThere(her, it)
  await her.goto(task)
  await expect(her.locator('main')).toContainText('请报送文体活动场地管理情况')
  await expectNowhere(her, [it.no, it.text, `/cases/${it.id}`])
  // Its part was taken from it: the link of the part is dead, and that of the unit shows nothing.
  await hands.goto(links[0]!.url)
  await expect(hands.locator('main')).toContainText('链接已失效')
  await enter(hands, links[1]!)
  await expect(hands.locator('main')).toContainText('没有待办的任务')
  await expectNowhere(hands, [it.no, it.text])
  await shown(hands, '03-link')

  // Another unit takes it over; the one it is about is not offered.
  await desk.goto(`/cases/${it.id}`)
  const form = await open(desk, '(?:另选单位|分拨)', '分拨')
  const lead = form.getByLabel('主办单位', { exact: true })
  expect(await lead.locator('option').allInnerTexts()).not.toContain(community)
  await lead.selectOption({ label: '平安办' })
  await send(form, '分拨', it.no)
  const safety = await asRole('xuguoqing')
  await choose(safety, '/queue/sign', it.no)
  await isNotThere(her, it)
})

test('it goes back to the desk: nobody is left who has it and cannot see it', async ({ visitor, asRole, setClock }) => {
  setClock(at('10:20'))
  const { desk, it } = await signed({ visitor, asRole }, '东苑社区活动室占用消防通道，找了没人管')
  await known(desk, it)
  const { assignments } = await ask<{ assignments: { unit: string; state: string }[] }>(desk, `cases/${it.id}`)
  const { items } = await ask<{ items: { id: string; short: string }[] }>(desk, 'units?limit=200')
  const id = items.find((u) => u.short === community)!.id
  expect(assignments.filter((a) => a.unit === id && a.state !== 'off')).toEqual([])
  await desk.goto('/board')
  await expect(desk.locator(`[data-item="${it.id}"]`)).toBeVisible()
})
