// What is typed into the form of an action stays, whatever is pressed around it.
import { expect, test } from './harness/index.ts'
import { picture } from './harness/picture.ts'
import { action, attach, open } from './harness/round.ts'

test('pressing an action whose form stands open goes on with it', async ({ asRole }) => {
  const page = await asRole('gaojianguo')
  await page.goto('/queue/handle')
  const form = await open(page, '办结')
  // A slow line: whatever a press would fetch arrives long after the typing.
  await page.route(/\/act\//, async (route) => {
    await new Promise((done) => setTimeout(done, 500))
    await route.continue()
  })
  await attach(form, picture(90))
  await expect(form.locator('figure.photo img')).toHaveCount(1)
  await action(page, '办结').click()
  await form.getByLabel('办理结果').fill('盖板已换，路面已平。')
  await page.waitForTimeout(1_000)
  await expect(form.getByLabel('办理结果')).toHaveValue('盖板已换，路面已平。')
  await expect(form.locator('figure.photo img')).toHaveCount(1)
  await form.getByLabel('办理结果').blur()
  await action(page, '办结').click()
  await expect(form.locator(':focus'), 'the press leads to the form').toHaveCount(1)
})

test('what was typed a moment before another form was opened is there again', async ({ asRole }) => {
  const page = await asRole('gaojianguo')
  await page.goto('/queue/handle')
  const done = await open(page, '办结')
  await done.getByLabel('办理结果').fill('已联系厂家，明天换泵。')
  const next = page.locator('.acts a[hx-target="#act"]').filter({ hasNotText: /^办结/ }).first()
  await next.click()
  await expect(page.locator('form.act').getByLabel('办理结果')).toHaveCount(0)
  const again = await open(page, '办结')
  await expect(again.getByLabel('办理结果')).toHaveValue('已联系厂家，明天换泵。')
  await expect(again.locator('[data-draft-state]')).toContainText('已恢复')
})
