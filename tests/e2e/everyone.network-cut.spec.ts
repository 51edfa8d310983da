import { type Page, expect, phone, test } from './harness/index.ts'
import { picture } from './harness/picture.ts'
import { attach, openReport, receiptOf } from './harness/round.ts'

/** The server gets the next post to `path`, its answer is lost; says how often the server was reached. */
async function loseAnswers(page: Page, path: RegExp): Promise<{ reached: () => number; heal: () => Promise<void> }> {
  let reached = 0
  await page.route(path, async (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    const answer = await route.fetch()
    expect(answer.status(), 'the server took it').toBeLessThan(400)
    reached += 1
    // The test may have ended meanwhile.
    await route.abort('connectionreset').catch(() => {})
  })
  return { reached: () => reached, heal: () => page.unrouteAll({ behavior: 'wait' }) }
}

/** How many cases there are whose text holds this. */
async function cases(staff: Page, words: string): Promise<number> {
  await staff.goto(`/cases?q=${encodeURIComponent(words)}`)
  return staff.locator('[data-item]').count()
}

test('a resident: the answer is lost after the server had it, and the button is pressed again', async ({ visitor, asRole, shot }) => {
  const staff = await asRole('zhoumin')
  const words = '断网一号：南岗社区西门垃圾桶满了没人收'
  const page = await visitor(phone)
  await openReport(page, '南岗社区')
  await page.getByLabel('您要反映什么事？').fill(words)
  await page.getByLabel('具体在哪里').fill('西门')
  await attach(page.locator('main'), picture(150))
  const line = await loseAnswers(page, /\/p\/at\/\d+$/)
  await page.getByRole('button', { name: '提交' }).click()
  await expect(page.locator('[data-send-state]')).toContainText('已保存在本机')
  await shot(page, 'kept')
  // The page tries again by itself, too.
  expect(line.reached()).toBeGreaterThan(0)
  await expect(page.getByLabel('您要反映什么事？')).toHaveValue(words)
  await expect(page.getByLabel('具体在哪里')).toHaveValue('西门')
  expect(await cases(staff, words)).toBe(1)
  await line.heal()
  await page.getByRole('button', { name: '重试' }).click()
  const { no } = await receiptOf(page)
  expect(await cases(staff, words), 'nothing is doubled').toBe(1)
  await expect(staff.locator('#list')).toContainText(no)
  // The receipt is the one of the case that is there: its code opens it, with the photo.
  await page.getByRole('link', { name: '看进度' }).click()
  await expect(page.locator('.said')).toContainText(words)
  await expect(page.locator('.box .photo img')).toHaveCount(1)
})

test('a resident: the network is away, the page is closed and opened again', async ({ visitor, asRole }) => {
  const staff = await asRole('zhoumin')
  const words = '断网二号：北塘社区公园长椅断了一条腿'
  const page = await visitor(phone)
  await openReport(page, '北塘社区')
  const address = page.url()
  await page.getByLabel('您要反映什么事？').fill(words)
  await attach(page.locator('main'), picture(150))
  await page.context().setOffline(true)
  await page.getByRole('button', { name: '提交' }).click()
  await expect(page.locator('[data-send-state]')).toContainText('已保存在本机')
  expect(await cases(staff, words)).toBe(0)
  const context = page.context()
  await page.close()
  await context.setOffline(false)
  const again = await context.newPage()
  await again.goto(address)
  // What was written comes back by itself and is sent, with its photo.
  await expect(again.locator('#code')).toBeVisible({ timeout: 20_000 })
  expect(await cases(staff, words)).toBe(1)
  await again.getByRole('link', { name: '看进度' }).click()
  await expect(again.locator('.box .photo img')).toHaveCount(1)
})

test('a resident: the network returns while the page is open', async ({ visitor, asRole }) => {
  const staff = await asRole('zhoumin')
  const words = '断网三号：东苑社区三号楼道灯一直闪'
  const page = await visitor(phone)
  await openReport(page, '东苑社区')
  await page.getByLabel('您要反映什么事？').fill(words)
  await page.context().setOffline(true)
  await page.getByRole('button', { name: '提交' }).click()
  await expect(page.locator('[data-send-state]')).toContainText('已保存在本机')
  await expect(page.getByLabel('您要反映什么事？')).toHaveValue(words)
  await page.context().setOffline(false)
  await expect(page.locator('#code')).toBeVisible({ timeout: 20_000 })
  expect(await cases(staff, words)).toBe(1)
})

test('the desk: the answer to a registration is lost', async ({ asRole, shot, shown }) => {
  const page = await asRole('zhoumin')
  const other = await asRole('linlan')
  const words = '断网四号：来电人说西岭社区农贸市场门口占道'
  await page.goto('/cases')
  await page.keyboard.press('n')
  const form = page.locator('.intake-form')
  await expect(form).toBeVisible()
  await form.locator('textarea[name=notes]').fill(words)
  await form.locator('input[name=contact_phone]').fill('13912042042')
  await form.locator('input[name=place]').fill('西岭社区')
  const line = await loseAnswers(page, /\/intake$/)
  await form.locator('button[name=end][value=new]').click()
  await expect(form.locator('[data-send-state]')).toContainText('已保存在本机')
  await shown(page, 'intake-kept')
  expect(line.reached()).toBeGreaterThan(0)
  await expect(form.locator('textarea[name=notes]')).toHaveValue(words)
  await expect(form.locator('input[name=contact_phone]')).toHaveValue('13912042042')
  expect(await cases(other, words)).toBe(1)
  await line.heal()
  await form.getByRole('button', { name: '重试' }).click()
  await expect(page.locator('[data-intake-done]')).toBeVisible()
  await expect(page.locator('[data-intake-done] .say').first()).toContainText(/\d{4}/)
  await shot(page, 'intake-done')
  expect(await cases(other, words), 'nothing is doubled').toBe(1)
})

test('the desk: the network is away while an act is sent', async ({ asRole }) => {
  const page = await asRole('gaojianguo')
  await page.goto('/queue/handle')
  await page.locator('.rows .row').first().click()
  await expect(page.locator('.detail-in')).toBeVisible()
  const id = await page.locator('.detail-in').getAttribute('data-for')
  await page.goto(`/cases/${id}/act/progress`)
  const words = '断网五号：已到现场，正在抢修'
  await page.locator('form.act textarea').first().fill(words)
  const line = await loseAnswers(page, /\/act\/progress$/)
  await page.locator('form.act button.pri').click()
  await expect(page.locator('form.act [data-send-state]')).toContainText('已保存在本机')
  await expect(page.locator('form.act textarea').first()).toHaveValue(words)
  // The page tries again by itself, too.
  expect(line.reached()).toBeGreaterThan(0)
  await line.heal()
  await page.locator('form.act').getByRole('button', { name: '重试' }).click()
  await expect(page.locator('.notice.ok').filter({ hasText: '写进展' })).toBeVisible()
  await page.goto(`/cases/${id}`)
  await expect(page.locator('main')).toContainText(words)
  expect((await page.locator('main').innerText()).split(words).length - 1, 'written once').toBe(1)
})

test('a grid worker in a basement: kept on the phone, sent once when the network is back', async ({ asRole, shot }) => {
  const staff = await asRole('linlan')
  const words = '断网六号：地下车库排水沟盖板缺一块'
  const page = await asRole('chenli', phone)
  await page.goto('/report')
  await page.locator('label[for=m1]').click()
  await attach(page.locator('main'), picture(150))
  await page.locator('#text').fill(words)
  await page.context().setOffline(true)
  await page.locator('button[name=end][value=report]').click()
  await expect(page.locator('[data-send-state]')).toContainText('已保存在本机')
  await shot(page, 'report-kept')
  await expect(page.locator('#text')).toHaveValue(words)
  expect(await cases(staff, words)).toBe(0)
  await page.context().setOffline(false)
  await expect(page.getByRole('link', { name: /再报|继续|下一/ })).toBeVisible({ timeout: 20_000 })
  expect(await cases(staff, words)).toBe(1)

  // And the other way: the server has it, the phone does not know.
  const more = '断网七号：单元门口电线垂下来够得着'
  await page.goto('/report')
  await page.locator('label[for=m2]').click()
  await page.locator('#text').fill(more)
  const line = await loseAnswers(page, /\/report$/)
  await page.locator('button[name=end][value=report]').click()
  await expect(page.locator('[data-send-state]')).toContainText('已保存在本机')
  // The page tries again by itself, too.
  expect(line.reached()).toBeGreaterThan(0)
  await expect(page.locator('#text')).toHaveValue(more)
  await line.heal()
  await page.getByRole('button', { name: '重试' }).click()
  await expect(page.getByRole('link', { name: /再报|继续|下一/ })).toBeVisible()
  expect(await cases(staff, more)).toBe(1)
})
