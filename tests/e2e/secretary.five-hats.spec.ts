// Five hats on one head: posts in two units, one queue with a tag for each hat, and nothing is verified by whoever handled it,
// under whichever hat.
import { type Fixtures, type Page, at, expect, test } from './harness/index.ts'
import { askFor, confirmAll, makePost } from './harness/administrators.ts'
import { send as sent } from './harness/direct.ts'
import { onDuty } from './harness/duty.ts'
import { picture } from './harness/picture.ts'
import { type Matter, accept, action, attach, dispatch, idOf, open, openCase, pass, reported, said, send } from './harness/round.ts'
import { allCases, csrfOf } from './harness/sight.ts'
import { giveTask } from './harness/tasks.ts'

/** What waits for her: the words of the report, its matter, who leads and who helps, and as what it waits. */
const cases = {
  own: { text: '柳溪花园广场舞太吵', matter: { words: '广场舞', code: 'L16003' }, lead: '柳溪社区', hat: '待签收' },
  office: { text: '柳溪花园有人遛狗不牵绳', matter: { words: '养犬', code: 'L16004' }, lead: '平安办', hat: '待签收' },
  helped: { text: '柳溪花园夜里唱歌没人管', matter: { words: '广场舞', code: 'L16003' }, lead: '综合执法队', helper: '柳溪社区', hat: '待签收' },
  others: { text: '柳溪花园烧烤摊放音响', matter: { words: '广场舞', code: 'L16003' }, lead: '综合执法队', hat: '待核查' },
} as const
const handledIt = '经办过这件的人不能核查或回访它，请另一位同事来办'

type Roles = Pick<Fixtures, 'asRole' | 'visitor'>

async function given({ asRole, visitor }: Roles, it: { text: string; matter: Matter; lead: string; helper?: string }): Promise<string> {
  const { receipt } = await reported(visitor, '柳溪社区', { text: it.text, where: '柳溪花园' })
  await accept(await asRole('zhoumin'), receipt.no, it.matter)
  await dispatch(await asRole('linlan'), receipt.no, it)
  return receipt.no
}

/** The number of the case that says this. */
async function numberOf(page: Page, text: string): Promise<string> {
  return (await allCases(page)).find((c) => c.title.includes(text))!.no
}

/** The leading unit does its part. */
async function leaderDoes(staff: Page, no: string): Promise<void> {
  const id = await idOf(staff, no)
  await sent(staff, id, 'sign')
  await sent(staff, id, 'finish', { note: '已清理。' }, true)
}

test('whatever waits under any hat is in one queue, and is done from there', async ({ visitor, asRole, setClock, shown }) => {
  test.setTimeout(300_000)
  setClock(at('10:00'))
  await makePost(await asRole('wuhao'), '平安办', '网格队伍专干')
  await askFor(await asRole('yuting'), ['平安办', '网格队伍专干'], '经办人', '王秀兰')
  await confirmAll(await asRole('dingjie'))
  const keeper = await asRole('zhouxiaoyun')
  await onDuty(keeper, '王秀兰')
  await giveTask(keeper, '请网格长核对楼栋门牌', '网格', /柳溪社区\s*07\s*网格/)
  const numbers: Record<string, string> = {}
  for (const [key, it] of Object.entries(cases)) numbers[key] = await given({ visitor, asRole }, it)
  await leaderDoes(await asRole('zhaogang'), numbers.others!)

  // One log-in; nothing to choose.
  const her = await asRole('wangxiulan')
  await her.goto('/account')
  for (const post of ['社区书记', '居委会主任', '网格长', '调解员', '网格队伍专干']) await expect(her.getByRole('row').filter({ hasText: post })).toBeVisible()
  await her.goto('/')
  const rows = her.locator('#inbox .row')
  for (const it of Object.values(cases)) {
    const row = rows.filter({ hasText: it.text })
    await expect(row.locator('.chip.on')).toContainText(it.hat)
    await expect(row).toContainText(it.lead)
  }
  const counts = await her.locator('.strip a').filter({ hasText: /待签收|办理中|待核查/ }).locator('b').allInnerTexts()
  expect(counts, 'a count for each of her queues').toHaveLength(3)
  await expect(her.locator('h2', { hasText: `我的待办（${counts.reduce((sum, n) => sum + Number(n), 0)}）` })).toBeVisible()
  await expect(her.locator('.section', { hasText: '要我报送的' }).getByText('请网格长核对楼栋门牌')).toBeVisible()
  await expect(her.locator('.duty-strip').first()).toContainText('值班员 王秀兰')
  await shown(her, '01-queue')

  // Each is done by what stands in the queue, for the unit whose part it is.
  for (const key of ['own', 'office', 'helped'] as const) {
    await her.goto('/')
    await rows.filter({ hasText: cases[key].text }).click()
    await action(her, '签收').click()
    await said(her, numbers[key]!)
    await her.goto('/')
    await expect(rows.filter({ hasText: cases[key].text }).locator('.chip.on')).toContainText('办理中')
    await rows.filter({ hasText: cases[key].text }).click()
    const name = key === 'helped' ? '协办办结' : '办结'
    const form = await open(her, name)
    await form.getByLabel(key === 'helped' ? '协办结果' : '办理结果').fill('已上门劝导。')
    if (key !== 'helped') await attach(form, picture(40))
    await send(form, name, numbers[key]!)
    const part = her.locator('section', { has: her.getByRole('heading', { name: '承办单位' }) }).locator('.clock')
    await expect(part.filter({ hasText: key === 'helped' ? cases[key].helper : cases[key].lead })).toContainText('已办结')
  }
  await pass(her, numbers.others!, '现场已清空。')
  await her.goto('/')
  for (const it of Object.values(cases)) await expect(rows.filter({ hasText: it.text })).toHaveCount(0)
})

test('what she handled under any hat she does not verify; a colleague does', async ({ asRole, setClock, shown }) => {
  setClock(at('10:30'))
  const her = await asRole('wangxiulan')
  await leaderDoes(await asRole('zhaogang'), await numberOf(her, cases.helped.text))
  const verifier = await asRole('shenyu')
  for (const key of ['own', 'office', 'helped'] as const) {
    const no = await numberOf(her, cases[key].text)
    const path = await openCase(her, no)
    const id = path.replace('/cases/', '')
    await expect(her.locator('.case-no')).toContainText('待核查')
    for (const name of ['核查通过', '退回返工']) await expect(action(her, name)).toHaveCount(0)
    await expect(action(her, '备注'), 'the bar is there').toBeVisible()
    const csrf = await csrfOf(her)
    for (const [name, words] of [['pass', { note: '' }], ['fail', { reason: '没办好' }]] as const) {
      const form = { csrf, idem: `0190-hats-${name}-${id}`, ...words }
      const answer = await her.request.post(`${path}/act/${name}`, { form, headers: { origin: new URL(her.url()).origin } })
      expect(answer.status(), `${name} of ${key}`).toBe(403)
      expect(await answer.text()).toContain(handledIt)
    }
    await her.goto('/queue/verify')
    await expect(her.locator(`[data-item="${id}"]`)).toHaveCount(0)
    if (key === 'helped') await shown(her, '02-not-hers')
    // The one of her helping is left for the tests below.
    if (key !== 'helped') await pass(verifier, no, '已核实。')
  }
  await verifier.goto('/queue/verify')
  await expect(verifier.locator('.row').filter({ hasText: cases.helped.text })).toBeVisible()
})

test('the form of a check that is not hers is refused in the words of the rule', async ({ asRole }) => {
  const her = await asRole('wangxiulan')
  const path = await openCase(her, await numberOf(her, cases.helped.text))
  await her.goto(`${path}/act/pass`)
  await expect(her.locator('main')).toContainText(handledIt, { timeout: 1_000 })
  await expect(her.locator('main')).not.toContainText('这件可能已被别人办过')
})

test('the history names the unit for which she acted, not the first of her posts', async ({ asRole }) => {
  const her = await asRole('wangxiulan')
  await openCase(her, await numberOf(her, cases.office.text))
  await expect(her.locator('.tl')).toContainText('王秀兰 签收')
  await expect(her.locator('.tl')).toContainText('平安办 王秀兰 签收', { timeout: 1_000 })
})

test('where she helps, the queue says so', async ({ asRole, visitor, setClock }) => {
  setClock(at('10:40'))
  const it = { ...cases.helped, text: '柳溪花园凉亭有人打牌吵闹' }
  await given({ visitor, asRole }, it)
  const her = await asRole('wangxiulan')
  await her.goto('/')
  const row = her.locator('#inbox .row').filter({ hasText: it.text })
  await expect(row).toContainText(it.lead)
  await expect(row).toContainText('协办', { timeout: 1_000 })
})
