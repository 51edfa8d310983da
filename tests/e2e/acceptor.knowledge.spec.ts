// The knowledge base: an answer is written, reviewed and published, found while a call is noted, given with one key,
// reported as wrong with another, mended; residents read it without a script.
import { at, expect, phone, test } from './harness/index.ts'

const question = '老年食堂几点开饭？'

test('an answer is written, published, given, reported and mended', async ({ asRole, visitor, setClock, shown }) => {
  setClock(at('09:00'))
  const desk = await asRole('zhoumin')
  await desk.goto('/knowledge/new')
  await desk.getByLabel('问题', { exact: true }).fill(question)
  await desk.getByLabel('其他问法').fill('长者食堂中午什么时候开\n老人吃饭的食堂在哪里')
  await desk.getByLabel('答复', { exact: true }).fill('每天中午十一点到十二点半开饭，六十岁以上凭身份证优惠。')
  await desk.getByLabel('办理地点').fill('柳溪社区党群服务中心一楼')
  await desk.getByLabel('责任单位').selectOption({ label: '公共服务办' })
  await desk.getByText('公开：居民可在').click()
  await shown(desk, '01-write')
  await desk.getByRole('button', { name: '保存', exact: false }).first().click()
  await expect(desk.locator('.page-head .chip').first()).toHaveText('草稿')
  const path = new URL(desk.url()).pathname

  const review = await asRole('fangyi')
  await review.goto(path)
  await review.keyboard.press('p')
  await expect(review.locator('.page-head .chip').first()).toHaveText('已发布')
  await shown(review, '02-published')

  await test.step('it is found while the call is noted, and closes it', async () => {
    await desk.goto('/')
    await desk.keyboard.press('n')
    const notes = desk.locator('#intake .intake-notes')
    await notes.fill('问长者食堂中午什么时候开门，老人想去吃饭')
    const hit = desk.locator('#intake .hit').filter({ hasText: question })
    await expect(hit).toBeVisible()
    await expect(desk.locator('#intake .hit')).not.toHaveCount(4)
    await shown(desk, '03-hit')
    await notes.press('Alt+1')
    await expect(desk.locator('#intake [data-intake-done]')).toBeVisible()
    await desk.locator('#intake a[href^="/cases/"]').click()
    await expect(desk.locator('.case-no')).toContainText('当场答复')
    await expect(desk.getByRole('link', { name: `${question}（知识库第 1 版）` })).toBeVisible()
    await shown(desk, '04-case')
  })

  await test.step('one key reports it, its owner mends it', async () => {
    const worker = await asRole('chenli', phone)
    await worker.goto(path)
    await worker.getByLabel('哪里不对').fill('改到十一点半了')
    await worker.getByRole('button', { name: '报错' }).click()
    await expect(worker.locator('.page-head')).toContainText('有人报错')
    await shown(worker, '05-reported')
    await review.goto('/knowledge?view=faults')
    await review.getByRole('link', { name: question }).click()
    await review.getByRole('link', { name: '修改' }).click()
    await review.getByLabel('答复', { exact: true }).fill('每天中午十一点半到一点开饭，六十岁以上凭身份证优惠。')
    await review.getByRole('button', { name: '保存并发布' }).click()
    await review.getByRole('button', { name: '已改正' }).click()
    await expect(review.locator('.page-head')).toContainText('第 2 版')
    await expect(review.locator('.page-head')).not.toContainText('有人报错')
    await shown(review, '06-mended')
    await review.getByRole('link', { name: '第 1 版' }).click()
    await expect(review.locator('.read-out')).toContainText('十一点到十二点半')
  })

  const resident = await visitor({ ...phone, javaScriptEnabled: false })
  await resident.goto('/p')
  await resident.getByRole('link', { name: '常见问题' }).click()
  await resident.getByLabel('想问什么').fill('老人食堂什么时候开')
  await resident.getByRole('button', { name: '查找' }).click()
  await expect(resident.getByText('十一点半到一点')).toBeVisible()
  await expect(resident.getByRole('link', { name: /12345/ })).toBeVisible()
})
