// A month of one platform: twenty tickets in, one split, two merged, one returned upward, nineteen answered, three come
// back, and the month's results are brought: our figures are the workbook's.
import { type Page, at, day, expect, test } from './harness/index.ts'
import { ask, carryOut } from './harness/direct.ts'
import { act, figure, open, openCase, send } from './harness/round.ts'

const header = ['工单编号', '诉求内容', '事发地址', '处置截止时间', '工单状态', '满意度', '是否解决']
const numbers = Array.from({ length: 20 }, (_, i) => String(202603120002000000n + BigInt(i)))
const [split, merged, into, returned] = numbers as [string, string, string, string]
const texts = new Map(numbers.map((number, i) => [number, `柳溪社区第${i + 1}处堆放杂物，无人清理`]))
texts.set(split, '反映两件事：1、柳溪路公厕旁堆放杂物。2、柳溪路西口也堆了杂物。')
texts.set(returned, '区属大院内消防通道被占用')

/** The rows of an export, as they stand there now. */
const rows = (state: string, due = '2026-03-20 17:30', only = numbers): string[][] =>
  only.map((number) => [number, texts.get(number)!, '柳溪社区', due, state, '', ''])

/** Pastes an export on the board and takes it over; returns what the preview says. */
async function bring(desk: Page, lines: string[][]): Promise<string> {
  await desk.goto('/board')
  const arrived = desk.waitForEvent('domcontentloaded')
  await desk.evaluate((text) => {
    const data = new DataTransfer()
    data.setData('text/plain', text)
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  }, [header, ...lines].map((row) => row.join('\t')).join('\n'))
  await arrived
  const told = await desk.locator('.sub').first().innerText()
  await desk.getByRole('button', { name: /^导入 \d+ 件/ }).click()
  await expect(desk.locator('h1')).toHaveText('导入完成')
  return told
}

/** The case that a platform's number leads to, typed where one searches, and its own number. */
async function caseOf(desk: Page, number: string): Promise<{ id: string; no: string }> {
  await desk.goto(`/cases?q=${number}`)
  const id = /cases\/(\d+)/.exec(desk.url())?.[1] ?? ''
  const { no } = await ask<{ no: string }>(desk, `cases/${id}`)
  return { id, no }
}

/** Writes back everything that waits; returns the numbers. */
async function writeBack(desk: Page): Promise<string[]> {
  const done: string[] = []
  await desk.goto('/upstream/replies')
  const own = desk.locator('tbody[data-list]').first().getByRole('link', { name: /^2026031200020000/ })
  while (await own.count()) {
    done.push((await own.first().innerText()).trim())
    await own.first().click()
    await desk.getByLabel('回执编号').fill(`HT-${done.length}`)
    await desk.keyboard.press('Control+Enter')
    await expect(desk.locator('h1')).toHaveText('待回填')
  }
  return done.sort()
}

test('twenty tickets in, nineteen answered, three come back, and the figures are the workbook’s', async ({ asRole, setClock, shown }) => {
  test.setTimeout(300_000)
  setClock(at('08:30'))
  const desk = await asRole('linlan')
  const verifier = await asRole('shenyu')
  await verifier.goto('/queue/verify')
  const before = await figure(desk, 'upper.received', day)
  expect(await bring(desk, rows('处理中'))).toContain('新件 20')
  expect((await figure(desk, 'upper.received', day)).value).toBe((before.value ?? 0) + 20)
  const { items: matters } = await ask<{ items: { id: string; code: string }[] }>(desk, 'matters?limit=1&after=06035')
  const matter = matters.find((m) => m.code === '06036')?.id ?? ''
  const { items: units } = await ask<{ items: { id: string; short: string }[] }>(desk, 'units?limit=200')
  const unit = units.find((u) => u.short === '柳溪社区')?.id ?? ''
  expect([matter, unit]).not.toContain('')

  await test.step('one is split, two are merged', async () => {
    await openCase(desk, (await caseOf(desk, split)).no)
    await send(await open(desk, '拆单'), '拆单', '已拆成 2 件')
    const target = await caseOf(desk, into)
    await openCase(desk, (await caseOf(desk, merged)).no)
    const form = await open(desk, '并单')
    await form.getByLabel('并入哪一件').fill(target.no)
    await form.getByLabel('理由').fill('同一处')
    await send(form, '并单', `已并入 ${target.no}`)
    await expect(desk.locator('.detail-in')).toContainText(merged)
    await expect(desk.locator('.detail-in')).toContainText(into)
  })

  await test.step('one is returned upward, and taken back there', async () => {
    await openCase(desk, (await caseOf(desk, returned)).no)
    const reason = '区属大院内部道路由区机关事务中心管理'
    await act(desk, '退回上级', { 为什么不属于本街道: reason, '依据（权责清单或法规条目）': '上级收回事项清单 07003' })
    await expect(desk.locator('.case-no')).toContainText('待上级裁定')
    await desk.goto('/upstream/replies')
    await expect(desk.locator('main')).toContainText('待上级裁定（1）')
    await shown(desk, '01-returned')
    await bring(desk, rows('同意退单', '2026-03-20 17:30', [returned]))
    const { id } = await caseOf(desk, returned)
    await desk.goto(`/cases/${id}`)
    await expect(desk.locator('.detail-in')).toContainText('已退回上级')
  })

  await test.step('nineteen are handled and answered', async () => {
    const answered = numbers.filter((n) => n !== returned)
    for (const number of answered) {
      const { id } = await caseOf(desk, number)
      const { state } = await ask<{ state: string }>(desk, `cases/${id}`)
      if (state !== 'split') await carryOut(desk, verifier, id, matter, unit)
    }
    await desk.goto(`/cases/${(await caseOf(desk, split)).id}`)
    const children = desk.locator('section.card', { has: desk.locator('h2', { hasText: '拆出的各件' }) }).locator('a')
    const ids = (await children.evaluateAll((all) => all.map((a) => a.getAttribute('href') ?? ''))).map((h) => /\d+/.exec(h)?.[0] ?? '')
    expect(ids).toHaveLength(2)
    for (const id of ids) await carryOut(desk, verifier, id, matter, unit)
    expect(await writeBack(desk)).toEqual([...answered].sort())
  })

  const again = numbers.slice(10, 13)
  await test.step('three come back and are answered once more', async () => {
    expect(await bring(desk, rows('不满意重办', '2026-03-25 17:30', again))).toContain('有变化 3')
    for (const number of again) await carryOut(desk, verifier, (await caseOf(desk, number)).id, matter, unit)
    expect(await writeBack(desk)).toEqual(again)
  })

  await test.step('the results of the month are those of the workbook', async () => {
    const grades = ['满意', '非常满意', '基本满意', '不满意']
    const results = numbers
      .filter((n) => n !== returned)
      .map((number, i) => [number, texts.get(number)!, '柳溪社区', '', '已办结', grades[i % 4]!, i % 4 === 3 ? '否' : '是'])
    await bring(desk, results)
    const satisfied = results.filter((row) => row[5] !== '不满意').length
    const ours = await figure(desk, 'upper.satisfied', day)
    expect([ours.numerator, ours.denominator]).toEqual([satisfied, results.length])
    const solved = await figure(desk, 'upper.solved', day)
    expect([solved.numerator, solved.denominator]).toEqual([results.filter((row) => row[6] === '是').length, results.length])
    await desk.goto('/upstream/ratings')
    await expect(desk.locator('tbody tr', { hasText: '2026031200020000' })).toHaveCount(results.length)
    await shown(desk, '02-ratings')
    await desk.locator('tbody tr', { hasText: '可申诉' }).first().getByRole('link').first().click()
    await shown(desk, '03-contest')
    await desk.goto(`/stats/upper.satisfied?from=${day}&to=${day}`)
    await shown(desk, '04-figure')
  })
})
