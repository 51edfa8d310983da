// Hands that do not log in: a power company closes its part by a link and a PIN, and sees nobody's identity; what a
// property firm says on the telephone is entered for it, and says so.
import { at, expect, phone, test } from './harness/index.ts'
import { picture } from './harness/picture.ts'
import { accept, attach, dispatch, open, openCase, reported, send } from './harness/round.ts'

const lamp = { words: '路灯', code: '01037' }
const mine = { text: '柳溪路口路灯不亮，我是林秀英，电话19900002041', phone: '19900002041', name: '林秀英', where: '柳溪路口', reply: true }

test('a power company without an account signs, reports and finishes by its link', async ({ visitor, asRole, setClock, shown }) => {
  setClock(at('09:00'))
  const { receipt } = await reported(visitor, '柳溪社区', mine)
  await accept(await asRole('zhoumin'), receipt.no, lamp)
  const desk = await asRole('linlan')
  await dispatch(desk, receipt.no, { lead: '供电所' })
  const path = await openCase(desk, receipt.no)
  await desk.goto(`${path}/hands`)
  await shown(desk, '01-of-case')
  await desk.getByRole('button', { name: '生成链接' }).first().click()
  await expect(desk.locator('.notice.ok')).toContainText('口令另行告知')
  await shown(desk, '02-link')
  const words = await desk.locator('.copy-row .said').first().innerText()
  expect(words, 'what goes to the group names nobody and holds no PIN').not.toMatch(/林秀英|19900002041/)
  const pin = (await desk.locator('.copy-row .said b').innerText()).trim()
  expect(words).not.toContain(pin)
  const link = /http\S+/.exec(words)?.[0] ?? ''
  await desk.getByRole('link', { name: '办理单' }).click()
  await expect(desk.locator('.slip')).toContainText(receipt.no)
  await shown(desk, '03-slip')

  const foreman = await visitor(phone)
  await foreman.goto(link)
  await expect(foreman.locator('main')).not.toContainText('路灯')
  await foreman.getByLabel('口令').fill(pin === '123456' ? '654321' : '123456')
  await foreman.getByRole('button', { name: '打开' }).click()
  await expect(foreman.locator('.errors')).toContainText('口令不对')
  await shown(foreman, '04-pin')
  await foreman.getByLabel('口令').fill(pin)
  await foreman.getByRole('button', { name: '打开' }).click()
  await expect(foreman.locator('h1')).toContainText('路灯')
  await expect(foreman.locator('body')).not.toContainText(/林秀英|19900002041/)
  await shown(foreman, '05-item')
  await foreman.getByRole('button', { name: '签收' }).click()
  await expect(foreman.locator('.notice.ok')).toContainText('已签收')
  await foreman.getByLabel('办理情况').fill('已派抢修班，下午到')
  await foreman.getByRole('button', { name: '只反馈进展' }).click()
  await expect(foreman.locator('.notice.ok')).toContainText('已反馈')
  await foreman.getByLabel('办理情况').fill('灯已换好，试亮正常')
  await attach(foreman.locator('form', { has: foreman.getByLabel('办理情况') }), picture(80))
  await foreman.getByRole('button', { name: '办结', exact: true }).click()
  await expect(foreman.locator('.notice.ok')).toContainText('已报办结')
  await shown(foreman, '06-done')

  await desk.goto(path)
  await expect(desk.locator('.tl')).toContainText('凭办理链接操作')
  await expect(desk.locator('.tl')).toContainText('灯已换好')
  await shown(desk, '07-history')
})

test('what a property firm says on the telephone is entered for it, with its source', async ({ visitor, asRole, setClock, shown }) => {
  setClock(at('10:00'))
  const { receipt } = await reported(visitor, '柳溪社区', { text: '柳溪花园楼道堆了杂物，没人清', where: '柳溪花园' })
  await accept(await asRole('zhoumin'), receipt.no, { words: '乱堆杂物', code: '06036' })
  const desk = await asRole('linlan')
  await dispatch(desk, receipt.no)
  await openCase(desk, receipt.no)
  const sign = await open(desk, '代录：签收')
  await sign.getByLabel(/代录来源/).selectOption({ label: '电话' })
  await send(sign, '代录：签收', '签收')
  const form = await open(desk, '代录：办结')
  await form.getByLabel('办理结果').fill('物业已清走杂物')
  await form.getByLabel(/代录来源/).selectOption({ label: '电话' })
  await attach(form, picture(70))
  await send(form, '代录：办结', '办结')
  await expect(desk.locator('.tl')).toContainText('代录')
  await expect(desk.locator('.tl')).toContainText('电话')
  await shown(desk, 'entered-for')
})
