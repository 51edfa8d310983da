import { type Locator, at, expect, phone, test } from './harness/index.ts'
import { accept, act, callBack, dispatch, follow, open, openCase, pass, reported, send, sign } from './harness/round.ts'

// Each part has its own matter, unit and clock.
const plan = [
  { words: '噪声扰民', code: '06028', unit: '综合执法队', login: 'zhaogang', days: 3, due: '3月17日 17:30', result: '已责令停止夜间切割' },
  { words: '装修噪声', code: 'L16002', unit: '柳溪社区', login: 'wangxiulan', days: 2, due: '3月16日 17:30', result: '已约定午休和夜间不施工' },
  { words: '养犬', code: 'L16004', unit: '平安办', login: 'xuguoqing', days: 1, due: '明天 17:30', result: '已上门劝导，加装止吠器' },
] as const

/** That one matter alone is no split, and what was typed stays. */
async function aloneRefused(form: Locator): Promise<void> {
  const parts = form.locator('textarea[name="part"]')
  const texts = await parts.evaluateAll((all) => all.map((part) => (part as HTMLTextAreaElement).value))
  for (const i of [1, 2]) await parts.nth(i).fill('')
  await form.getByRole('button', { name: '拆单' }).click()
  await expect(form).toContainText('拆单至少要有两件事')
  await expect(parts.nth(0)).toHaveValue(texts[0] ?? '')
  for (const i of [1, 2]) await parts.nth(i).fill(texts[i] ?? '')
}

test('one message with three matters becomes three cases with their own units, and one answer', async ({
  visitor,
  asRole,
  setClock,
  shot,
  shown,
}) => {
  const { resident, receipt } = await reported(visitor, '柳溪社区', {
    text: '反映三件事：1、柳溪路公厕旁夜里切割声很大，影响休息。2、楼上装修中午砸墙。3、邻居家的狗整夜叫。请分别答复。',
    phone: '19900009955',
    where: '柳溪路公厕',
  })
  const desk = await asRole('linlan')
  await openCase(desk, receipt.no)
  // The page has seen the points by itself.
  await expect(desk.locator('.detail-in')).toContainText('一条里像是 3 件事')
  const form = await open(desk, '拆单')
  const parts = form.locator('textarea[name="part"]')
  await expect(parts.nth(0)).toHaveValue(/切割声很大/)
  await expect(parts.nth(1)).toHaveValue(/中午砸墙/)
  await expect(parts.nth(2)).toHaveValue(/狗整夜叫/)
  await shown(desk, 'split')
  await desk.setViewportSize(phone.viewport)
  await shot(desk, 'split')
  await desk.setViewportSize({ width: 1280, height: 800 })
  await aloneRefused(form)
  await send(form, '拆单', '已拆成 3 件')
  await expect(desk.locator('.case-no')).toContainText('已拆单，等各部分办结')
  const links = desk.locator('section.card', { has: desk.locator('h2', { hasText: '拆出的各件' }) }).locator('a')
  await expect(links).toHaveCount(3)
  const children = (await links.allInnerTexts()).map((text) => text.split(' ')[0] ?? '')
  await shown(desk, 'whole')

  for (const [i, part] of plan.entries()) {
    const no = children[i] ?? ''
    await accept(desk, no, part)
    await dispatch(desk, no, { lead: part.unit, limit: [part.days, '工作日'] })
    await openCase(desk, no)
    await expect(desk.locator('summary', { hasText: `办理 · ${part.unit}` })).toContainText(part.due)
  }
  await openCase(desk, receipt.no)
  await expect(desk.locator('.detail-in')).toContainText('综合执法队')
  await shot(desk, 'whole-dispatched')
  await follow(resident, receipt)
  await expect(resident.locator('.promise')).toContainText('正在分头办理')
  const list = resident.locator('h2', { hasText: '分开办理的事' }).locator('xpath=following-sibling::ul[1]')
  await expect(list.locator('li')).toHaveCount(3)
  await expect(list).toContainText('平安办')
  await shown(resident, 'parts')

  setClock(at('09:50'))
  for (const [i, part] of plan.entries()) {
    const no = children[i] ?? ''
    const unit = await asRole(part.login)
    await sign(unit, no)
    await openCase(unit, no)
    await act(unit, '办结', { 办理结果: part.result })
    const verifier = await asRole('shenyu')
    await pass(verifier, no, '属实')
    // A part is not called back by itself.
    await openCase(verifier, no)
    await expect(verifier.locator('.case-no')).toContainText('已结案')
  }
  // One answer for all: the call-back desk finds the whole in its queue and reads it.
  const caller = await asRole('tangli')
  await caller.goto('/queue/callback')
  await expect(caller.locator('#queue')).toContainText('柳溪路公厕旁夜里切割声很大')
  await openCase(caller, receipt.no)
  for (const { result } of plan) await expect(caller.locator('.tl')).toContainText(result)
  await shown(caller, 'assembled')
  await callBack(caller, receipt.no)
  await resident.reload()
  await expect(resident.locator('.promise')).toContainText('已办结')
  for (const { result } of plan) await expect(resident.locator('.steps')).toContainText(result)
  await shot(resident, 'answered')
})
