import { type Page, expect, test } from './harness/index.ts'
import {
  type Receipt,
  accept,
  actWith,
  dispatch,
  expectNowhere,
  follow,
  openCase,
  openForm,
  picture,
  press,
  reportTrouble,
  send,
} from './harness/steps.ts'

const phone = { viewport: { width: 390, height: 844 } }

// What each of the two said; of the one nothing may be found on any page of the other.
const first = {
  text: '柳溪路小广场夜里十一点还在放音响，孩子要中考',
  phone: '19900005511',
  name: '赵青松',
  address: '柳溪路小广场西侧',
  photo: 'red',
} as const
const second = {
  text: '广场舞音箱声音太大，老人心脏不好睡不着，盼处理',
  phone: '19900006622',
  name: '钱小雁',
  address: '柳溪路小广场东头',
  photo: 'blue',
} as const
let a: Receipt
let b: Receipt

const of = (said: typeof first | typeof second, receipt: Receipt) => [
  ...said.text.split('，'),
  said.phone,
  said.phone.slice(-4),
  said.name,
  said.address,
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

test('the desk merges two reports of one trouble, from the page of the later one', async ({
  visitor,
  asRole,
  setClock,
  axe,
  shot,
}) => {
  a = await reportTrouble(await visitor(phone), first)
  setClock('2026-03-12T09:41:00+08:00')
  b = await reportTrouble(await visitor(phone), second)
  setClock('2026-03-12T09:50:00+08:00')
  const desk = await asRole('linlan')
  await openCase(desk, a.no)
  await accept(desk, '广场舞', 'L16003')
  await openCase(desk, b.no)
  const form = await openForm(desk, 'merge')
  await axe(desk)
  await shot(desk, 'merge')
  // A wrong number is refused at the field, and what was typed stays.
  await form.locator('input[name="into"]').fill('青禾-20260312-9999')
  await form.locator('input[name="reason"]').fill('同一处广场舞')
  await form.locator('.form-foot button.pri').click()
  await expect(form.locator('.err')).toContainText('没有编号为 青禾-20260312-9999 的诉求')
  await expect(form.locator('input[name="reason"]')).toHaveValue('同一处广场舞')
  await form.locator('input[name="into"]').fill(a.no)
  await send(desk, form)
  await expect(desk.locator('.detail-in > .notice.ok')).toContainText(`已并入 ${a.no}`)
  await expect(desk.locator('.case-no')).toContainText(a.no)
  await expect(desk.locator('.detail-in')).toContainText('另有 1 条反映')
  await axe(desk)
  await shot(desk, 'merged')
  await desk.setViewportSize({ width: 390, height: 844 })
  await shot(desk, 'merged')
})

test('a merge can be undone from the page and done again', async ({ asRole, visitor, shot }) => {
  const desk = await asRole('linlan')
  await openCase(desk, b.no)
  await expect(desk.locator('.case-no')).toContainText('已并单')
  await shot(desk, 'was-merged')
  await actWith(desk, 'unmerge', { reason: '再核对一下位置' })
  await expect(desk.locator('.case-no')).toContainText('待受理')
  const resident = await visitor(phone)
  await follow(resident, b)
  await expect(resident.locator('.promise')).toContainText('已收到')
  await expect(resident.locator('main')).not.toContainText('这件事别人也反映过')
  const form = await openForm(desk, 'merge')
  await form.locator('input[name="into"]').fill(a.no)
  await form.locator('input[name="reason"]').fill('核对过，是同一处')
  await send(desk, form)
})

test('both read the same progress and nothing of each other, to the end', async ({
  visitor,
  asRole,
  setClock,
  axe,
  shot,
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
    for (const page of [one, two]) await expect(page.locator('main')).toContainText('这件事别人也反映过')
    const [ones, twos] = [await pictures(one), await pictures(two)]
    return { ones, twos }
  }

  const before = await compare('accepted')
  expect(before.ones).toHaveLength(1)
  expect(before.twos).toHaveLength(1)
  expect(before.ones[0]).not.toBe(before.twos[0])
  // The other's picture cannot be fetched by its address either.
  const own = await two.locator('main img').first().getAttribute('src')
  const foreign = own?.replace(encodeURIComponent(b.no), encodeURIComponent(a.no)) ?? ''
  expect(foreign).not.toBe(own)
  expect((await one.request.get(foreign)).status()).toBe(404)
  expect((await one.request.get(own ?? '')).status()).toBe(404)

  const desk = await asRole('linlan')
  await openCase(desk, a.no)
  await dispatch(desk, '综合执法队', [3, 'work_day'])
  await compare('dispatched')
  setClock('2026-03-12T10:05:00+08:00')
  const unit = await asRole('zhaogang')
  await openCase(unit, a.no)
  await press(unit, 'sign')
  // What one of them adds is for the unit; the other does not read it.
  await one.goto(`/p/track/${encodeURIComponent(a.no)}?add=1`)
  await one.locator('#f-add').fill('昨晚又放到十二点半')
  await one.getByRole('button', { name: '提交', exact: true }).click()
  await expect(one.locator('main')).toContainText('昨晚又放到十二点半')
  await two.reload()
  await expectNowhere(two, ['昨晚又放到十二点半'])
  await openCase(unit, a.no)
  await expect(unit.locator('.tl')).toContainText('昨晚又放到十二点半')

  const finish = await openForm(unit, 'finish')
  await finish.locator('[name="note"]').fill('已约谈领队，限定 21 点前结束，音量降到标准以内')
  await finish.locator('input[name="photos"]').setInputFiles({
    name: 'after.png',
    mimeType: 'image/png',
    buffer: await picture(unit, 'green'),
  })
  await send(unit, finish)
  const done = await compare('finished')
  // The unit's picture is shown to both, beside each one's own.
  expect(done.ones).toHaveLength(2)
  expect(done.twos).toHaveLength(2)
  for (const page of [one, two]) await expect(page.locator('.steps')).toContainText('限定 21 点前结束')

  const verifier = await asRole('shenyu')
  await openCase(verifier, a.no)
  await actWith(verifier, 'pass', { note: '晚间复查，21 点已散' })
  const caller = await asRole('tangli')
  await openCase(caller, a.no)
  await expect(caller.locator('.detail-in')).toContainText('另有 1 条反映')
  await actWith(caller, 'call_close', { solved: 'yes', satisfied: '4' })
  await compare('closed')
  for (const page of [one, two]) await expect(page.locator('.promise')).toContainText('已办结')

  // Each rates for themselves; the other's words are nobody else's.
  await one.locator('label[for="s-yes"]').click()
  await one.locator('label[for="r5"]').click()
  await one.locator('#f-words').fill('孩子能睡了，谢谢')
  await axe(one)
  await shot(one, 'rate')
  await one.getByRole('button', { name: '提交评价' }).click()
  await expect(one.locator('main')).toContainText('谢谢您的评价')
  await two.reload()
  await expectNowhere(two, ['孩子能睡了', ...of(first, a)])
  await two.locator('label[for="s-yes"]').click()
  await two.locator('label[for="r3"]').click()
  await two.getByRole('button', { name: '提交评价' }).click()
  await expect(two.locator('main')).toContainText('谢谢您的评价')
  await openCase(desk, a.no)
  await expect(desk.locator('.detail-in')).toContainText('很满意')
  await expect(desk.locator('.detail-in')).toContainText('一般')
  await shot(desk, 'rated')
})
