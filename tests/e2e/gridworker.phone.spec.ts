// A grid worker's own phone: bound at the secretary's desk, opened by six digits, unable to reveal, cut off in one click.
import { at, expect, phone, test } from './harness/index.ts'
import { openCase } from './harness/round.ts'
import { csrfOf } from './harness/sight.ts'

const pin = '582041'

test('a phone is bound, reports by one of six buttons, reveals nothing, and is cut off', async ({ visitor, asRole, setClock, shown, shot }) => {
  const secretary = await asRole('wangxiulan')
  await secretary.goto('/people')
  await secretary.getByLabel('查找').fill('陈立')
  await secretary.getByLabel('查找').press('Enter')
  await secretary.getByRole('link', { name: '陈立', exact: true }).click()
  await secretary.getByRole('button', { name: '绑定一部手机' }).click()
  await expect(secretary.getByRole('heading', { level: 1 })).toHaveText('给陈立绑定手机')
  await shown(secretary, 'code')
  await secretary.setViewportSize(phone.viewport)
  await shot(secretary, 'code')
  await secretary.setViewportSize({ width: 1280, height: 800 })
  const link = await secretary.locator('#phone-link').innerText()

  const mine = await visitor({ ...phone, geolocation: { longitude: 113.9, latitude: 22.6 }, permissions: ['geolocation', 'microphone'] })
  await mine.goto(new URL(link).pathname)
  await expect(mine.locator('main')).toContainText('陈立')
  await shown(mine, 'bind')
  await mine.getByLabel('设一个 6 位数字密码').fill('123456')
  await mine.getByLabel('再输一遍').fill('123456')
  await mine.getByRole('button', { name: '绑定并打开' }).click()
  await expect(mine.getByRole('alert')).toContainText('太好猜')
  await mine.getByLabel('设一个 6 位数字密码').fill(pin)
  await mine.getByLabel('再输一遍').fill(pin)
  await mine.getByLabel('给这部手机起个名字').fill('陈师傅的红米')
  await mine.getByRole('button', { name: '绑定并打开' }).click()
  await mine.waitForURL('**/report')

  // Six large buttons, a place of the own list, sent.
  await expect(mine.locator('.rate.pick label')).toHaveCount(6)
  const size = await mine.locator('label[for=m1]').evaluate((label) => Number.parseFloat(getComputedStyle(label).fontSize))
  expect(size).toBeGreaterThanOrEqual(18)
  await mine.getByRole('button', { name: '离我近的排前面' }).click()
  await expect(mine.locator('[data-near-state]')).toContainText('按距离')
  await shown(mine, 'report')
  await mine.locator('label[for=m1]').click()
  await mine.locator('#text').fill('手机绑定后报的第一件')
  await mine.locator('button[name=end][value=report]').click()
  await expect(mine.getByRole('link', { name: /再报|继续|下一/ })).toBeVisible()

  // A voice note, begun where there was no signal: the phone's clock says when.
  const words = '手机绑定后报的第二件'
  await mine.clock.setSystemTime(at('07:40'))
  await mine.goto('/report')
  await mine.locator('label[for=m2]').click()
  await mine.getByRole('button', { name: '录一段语音' }).click()
  await expect(mine.getByRole('button', { name: /停止 0:0\d \/ 1:00/ })).toBeVisible()
  await expect(mine.getByRole('button', { name: '停止 0:02' })).toBeVisible()
  await shot(mine, 'recording')
  await mine.getByRole('button', { name: '停止' }).click()
  await expect(mine.locator('.voice audio')).toBeVisible()
  await mine.locator('#text').fill(words)
  await shown(mine, 'recorded')
  await mine.locator('button[name=end][value=report]').click()
  await mine.getByRole('link', { name: '查看这件' }).click()
  await expect(mine.locator('main')).toContainText('发现时间')
  await shown(mine, 'own')
  const desk = await asRole('zhoumin')
  await openCase(desk, (await mine.locator('main .mute').innerText()).trim())
  await expect(desk.locator('main')).toContainText('发现时间：')
  const sound = desk.locator('main audio').first()
  await sound.evaluate((audio: HTMLAudioElement) => audio.play())
  await expect.poll(() => sound.evaluate((audio: HTMLAudioElement) => audio.currentTime), 'the note is heard').toBeGreaterThan(0)
  await shown(desk, 'heard')

  // Nothing of a requester, nothing of the administration.
  await mine.goto('/account')
  await shown(mine, 'account')
  const form = { csrf: await csrfOf(mine), report: '1', reason: '核实楼层' }
  expect((await mine.request.post('/cases/1/reveal', { form })).status()).toBe(403)
  expect((await mine.request.get('/people')).status()).toBe(403)
  expect((await mine.request.get('/account/totp')).status()).toBe(403)

  // The next morning six digits are enough.
  setClock(at('09:30').replace('-12T', '-13T'))
  await mine.goto('/report')
  await mine.waitForURL('**/m?next=**')
  await shown(mine, 'pin')
  await mine.getByLabel('6 位数字密码').fill('111222')
  await mine.getByRole('button', { name: '打开' }).click()
  await expect(mine.getByRole('alert')).toContainText('再错 4 次')
  await mine.getByLabel('6 位数字密码').fill(pin)
  await mine.getByRole('button', { name: '打开' }).click()
  await mine.waitForURL('**/report')

  // Lost: one click, and it is out.
  const chief = await asRole('wangxiulan')
  await chief.goto(new URL(secretary.url()).pathname.replace('/phones', ''))
  await expect(chief.locator('#phones')).toContainText('陈师傅的红米')
  await shown(chief, 'phones')
  await chief.getByRole('button', { name: '解除绑定' }).click()
  await chief.locator('.confirm').getByRole('button', { name: '确定' }).click()
  await expect(chief.locator('#phones')).toContainText('还没有绑定手机')
  await mine.goto('/report')
  await mine.goto('/m')
  await expect(mine.getByLabel('绑定码')).toBeVisible()
  await shown(mine, 'cut-off')
})
