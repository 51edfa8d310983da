import { type Page, at, expect, phone, test } from './harness/index.ts'
import { picture } from './harness/picture.ts'
import { type Receipt, accept, act, callBack, dispatch, finish, follow, open, openCase, pass, rate, reported, send, sign } from './harness/round.ts'
import { expectNowhere } from './harness/sight.ts'

// What each of the two said; of the one nothing may be found on any page of the other.
const first = {
  text: '柳溪路小广场夜里十一点还在放音响，孩子要中考',
  phone: '19900005511',
  name: '赵青松',
  where: '柳溪路小广场西侧',
  photo: picture(200),
}
const second = {
  text: '广场舞音箱声音太大，老人心脏不好睡不着，盼处理',
  phone: '19900006622',
  name: '钱小雁',
  where: '柳溪路小广场东头',
  photo: picture(30),
}
let a: Receipt
let b: Receipt

const of = (said: typeof first, receipt: Receipt) => [
  ...said.text.split('，'),
  said.phone,
  said.phone.slice(-4),
  said.name,
  said.where,
  receipt.no,
  receipt.code,
]

/** What both must read alike: the promise and the way. */
async function progress(page: Page): Promise<string> {
  const steps = await page.locator('.steps > li b').allInnerTexts()
  return `${await page.locator('.promise').innerText()}\n${steps.join('\n')}`
}

/** Every picture the page shows, by its bytes. */
async function pictures(page: Page): Promise<string[]> {
  const out: string[] = []
  for (const image of await page.locator('main img').all()) {
    const answer = await page.request.get((await image.getAttribute('src')) ?? '')
    expect(answer.status()).toBe(200)
    out.push((await answer.body()).toString('base64'))
  }
  return out
}

/** That the other's picture cannot be fetched by its address either. */
async function foreignPictureRefused(one: Page, two: Page): Promise<void> {
  const own = await two.locator('main img').first().getAttribute('src')
  const foreign = own?.replace(encodeURIComponent(b.no), encodeURIComponent(a.no)) ?? ''
  expect(foreign).not.toBe(own)
  expect((await one.request.get(foreign)).status()).toBe(404)
  expect((await one.request.get(own ?? '')).status()).toBe(404)
}

test('the desk merges two reports of one trouble, from the page of the later one', async ({
  visitor,
  asRole,
  setClock,
  shot,
  shown,
}) => {
  a = (await reported(visitor, '柳溪社区', first)).receipt
  setClock(at('09:41'))
  b = (await reported(visitor, '柳溪社区', second)).receipt
  setClock(at('09:50'))
  const desk = await asRole('linlan')
  await accept(desk, a.no, { words: '广场舞', code: 'L16003' })
  await openCase(desk, b.no)
  const form = await open(desk, '并单')
  await shown(desk, 'merge')
  // A wrong number is refused at the field, and what was typed stays.
  await form.getByLabel('并入哪一件').fill('青禾-20260312-9999')
  await form.getByLabel('理由').fill('同一处广场舞')
  await form.getByRole('button', { name: '并单' }).click()
  await expect(form.locator('.err')).toContainText('没有编号为 青禾-20260312-9999 的诉求')
  await expect(form.getByLabel('理由')).toHaveValue('同一处广场舞')
  await form.getByLabel('并入哪一件').fill(a.no)
  await send(form, '并单', `已并入 ${a.no}`)
  await expect(desk.locator('.case-no')).toContainText(a.no)
  await expect(desk.locator('.detail-in')).toContainText('另有 1 条反映')
  await shown(desk, 'merged')
  await desk.setViewportSize(phone.viewport)
  await shot(desk, 'merged')
})

test('a merge can be undone from the page and done again', async ({ visitor, asRole, shot }) => {
  const desk = await asRole('linlan')
  await openCase(desk, b.no)
  await expect(desk.locator('.case-no')).toContainText('已并单')
  await shot(desk, 'was-merged')
  await act(desk, '撤销并单', { 理由: '再核对一下位置' }, '已恢复')
  await expect(desk.locator('.case-no')).toContainText('待受理')
  const resident = await visitor(phone)
  await follow(resident, b)
  await expect(resident.locator('.promise')).toContainText('已收到')
  await expect(resident.locator('main')).not.toContainText('这件事别人也反映过')
  await act(desk, '并单', { 并入哪一件: a.no, 理由: '核对过，是同一处' }, `已并入 ${a.no}`)
})

test('both read the same progress and nothing of each other, to the end', async ({
  visitor,
  asRole,
  setClock,
  shot,
  shown,
}) => {
  const [one, two] = [await visitor(phone), await visitor(phone)]
  await follow(one, a)
  await follow(two, b)
  const compare = async (step: string) => {
    await one.reload()
    await two.reload()
    expect(await progress(one), step).toBe(await progress(two))
    await expectNowhere(one, of(second, b))
    await expectNowhere(two, of(first, a))
    await expect(two.locator('main')).toContainText('这件事别人也反映过')
    const [ones, twos] = [await pictures(one), await pictures(two)]
    return { ones, twos }
  }

  const before = await compare('accepted')
  expect(before.ones).toHaveLength(1)
  expect(before.twos).toHaveLength(1)
  expect(before.ones[0]).not.toBe(before.twos[0])
  await foreignPictureRefused(one, two)

  const desk = await asRole('linlan')
  await dispatch(desk, a.no, { lead: '综合执法队', limit: [3, '工作日'] })
  await compare('dispatched')
  setClock(at('10:05'))
  const unit = await asRole('zhaogang')
  await sign(unit, a.no)
  // What one of them adds is for the unit; the other does not read it.
  await one.goto(`/p/track/${encodeURIComponent(a.no)}?add=1`)
  await one.getByLabel('补充什么').fill('昨晚又放到十二点半')
  await one.getByRole('button', { name: '提交', exact: true }).click()
  await expect(one.locator('main')).toContainText('昨晚又放到十二点半')
  await two.reload()
  await expectNowhere(two, ['昨晚又放到十二点半'])
  await openCase(unit, a.no)
  await expect(unit.locator('.tl')).toContainText('昨晚又放到十二点半')

  await finish(unit, a.no, '已约谈领队，限定 21 点前结束，音量降到标准以内')
  const done = await compare('finished')
  // The unit's picture is shown to both, beside each one's own.
  expect(done.ones).toHaveLength(2)
  expect(done.twos).toHaveLength(2)
  for (const page of [one, two]) await expect(page.locator('.steps')).toContainText('限定 21 点前结束')

  const verifier = await asRole('shenyu')
  await pass(verifier, a.no, '晚间复查，21 点已散')
  const caller = await asRole('tangli')
  await openCase(caller, a.no)
  await expect(caller.locator('.detail-in')).toContainText('另有 1 条反映')
  await callBack(caller, a.no)
  await compare('closed')
  for (const page of [one, two]) await expect(page.locator('.promise')).toContainText('已办结')

  // Each rates for themselves; the other's words are nobody else's.
  const sent = await rate(one, '解决了', '很满意', '孩子能睡了，谢谢')
  await shown(one, 'rate')
  await sent.click()
  await expect(one.locator('main')).toContainText('谢谢您的评价')
  await two.reload()
  await expectNowhere(two, ['孩子能睡了', ...of(first, a)])
  await (await rate(two, '解决了', '一般')).click()
  await expect(two.locator('main')).toContainText('谢谢您的评价')
  await openCase(desk, a.no)
  await expect(desk.locator('.detail-in')).toContainText('很满意')
  await expect(desk.locator('.detail-in')).toContainText('一般')
  await shot(desk, 'rated')
})
