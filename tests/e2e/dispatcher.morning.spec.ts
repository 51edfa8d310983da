// The measure of a morning: twenty-three tickets from above are brought, accepted and dispatched, and fourteen that are
// done are written back, by the shortest way the pages offer. Each click and key is a step of two seconds; by hand it
// takes about ninety minutes, and the goal is twenty-five.
import { at, expect, test } from './harness/index.ts'
import { ask, carryOut } from './harness/direct.ts'
import { Hand } from './harness/steps.ts'

const header = ['工单编号', '诉求内容', '来电人', '联系电话', '事发地址', '处置截止时间', '工单状态']
const places = ['柳溪社区北门', '柳溪路', '东苑社区活动室旁', '西岭社区菜市场', '望湖社区门口']
/** What people say, and the matter an acceptor sees in it. */
const said = [
  ['堆了一堆旧家具，三天没人清', '乱堆杂物'],
  ['路灯不亮，晚上看不见', '路灯'],
  ['垃圾桶满了没人收', '垃圾'],
  ['井盖松动，车压过去响', '井盖'],
  ['人行道地砖破损', '道路'],
] as const
const tickets = Array.from({ length: 23 }, (_, i) => {
  const number = String(202603120001230000n + BigInt(i))
  return { number, text: `${places[i % 5]}${said[(i * 3) % 5]![0]}`, place: places[i % 5]! }
})
const rows = tickets.map((t) => [t.number, t.text, '李女士', '19900002041', t.place, '2026-03-20 17:30', '处理中'])

test('twenty-three tickets in and fourteen written back in less than twenty-five minutes of desk time', async ({ asRole, setClock, shown }) => {
  test.setTimeout(240_000)
  setClock(at('08:30'))
  const desk = await asRole('linlan')
  const hand = new Hand(desk)

  await test.step('brought', async () => {
    await desk.goto('/board')
    // Marked and copied in the spreadsheet, pasted here: Ctrl+A, Ctrl+C, Ctrl+V.
    hand.steps += 3
    const arrived = desk.waitForEvent('domcontentloaded')
    await desk.evaluate((text) => {
      const data = new DataTransfer()
      data.setData('text/plain', text)
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    }, [header, ...rows].map((row) => row.join('\t')).join('\n'))
    await arrived
    await expect(desk.locator('.sub').first()).toContainText('新件 23')
    await hand.press('Control+Enter')
    await expect(desk.locator('h1')).toHaveText('导入完成')
  })

  await test.step('accepted', async () => {
    await hand.click(desk.getByRole('link', { name: '去受理' }))
    for (const _ of tickets) {
      await expect(desk.locator('[data-list] [data-item]').first()).toBeVisible()
      // The next one stands open after the one before; only the first has to be chosen.
      const own = desk.locator('[data-item]', { hasText: '202603120001230' }).first()
      const id = await own.getAttribute('data-item')
      if (!(await desk.locator(`.detail-in[data-for="${id}"]`).isVisible())) {
        await hand.click(own)
        await expect(desk.locator(`.detail-in[data-for="${id}"]`)).toBeVisible()
      }
      await hand.press('a')
      const form = desk.locator('form.act')
      await expect(form.getByRole('searchbox')).toBeVisible()
      await hand.click(form.locator('label.check').first())
      await hand.click(form.getByLabel('无', { exact: true }))
      await hand.press('Control+Enter')
      await expect(desk.locator('.notice.ok').first()).toBeVisible()
      await expect(desk.locator(`[data-list] [data-item="${id}"]`)).toHaveCount(0)
    }
    await shown(desk, '01-accepted')
  })
  const accepted = hand.steps

  await test.step('dispatched', async () => {
    await hand.click(desk.getByRole('link', { name: '分拨台' }))
    const left = desk.locator('[data-list] [data-item]', { hasText: '202603120001230' })
    while (await left.count()) {
      const own = left.first()
      const id = await own.getAttribute('data-item')
      if (!(await desk.locator(`.detail-in[data-for="${id}"]`).isVisible())) {
        await hand.click(own)
        await expect(desk.locator(`.detail-in[data-for="${id}"]`)).toBeVisible()
      }
      await hand.press('Enter')
      await expect(desk.locator(`[data-list] [data-item="${id}"]`)).toHaveCount(0)
    }
    await shown(desk, '02-dispatched')
  })
  const dispatched = hand.steps - accepted

  const ids = await test.step('fourteen are handled by their units and checked', async () => {
    const { items } = await ask<{ items: { id: string; title: string }[] }>(desk, 'cases?upper=1&limit=200&phase=dispatched')
    const own = items.filter((c) => tickets.some((t) => t.text.startsWith(c.title.slice(0, 12)))).slice(0, 14)
    expect(own).toHaveLength(14)
    const verifier = await asRole('shenyu')
    await verifier.goto('/queue/verify')
    for (const { id } of own) await carryOut(desk, verifier, id, '', '')
    return own.map((c) => c.id)
  })

  await test.step('written back', async () => {
    await hand.click(desk.getByRole('link', { name: /^上级件/ }))
    const waiting = desk.locator('tbody tr', { hasText: '202603120001230' })
    for (let n = 14; n > 0; n -= 1) {
      await expect(waiting).toHaveCount(n)
      await hand.click(waiting.first().getByRole('link'))
      await expect(desk.locator('h1')).toHaveText('回填上级平台')
      if (n === 14) await shown(desk, '03-reply')
      for (const key of await desk.locator('[data-copy]').all()) await hand.carry(key)
      await hand.press('Control+Enter')
      await expect(desk.locator('h1')).toHaveText('待回填')
    }
  })
  expect(ids).toHaveLength(14)

  const minutes = (hand.steps * 2) / 60
  const told = `${hand.steps} steps, ${minutes.toFixed(1)} minutes: ${accepted} bringing and accepting, ${dispatched} dispatching, ${hand.steps - accepted - dispatched} writing back`
  test.info().annotations.push({ type: 'measured', description: told })
  console.log(told)
  expect(minutes, told).toBeLessThanOrEqual(25)
})
