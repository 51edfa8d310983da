import { at, day, expect, test } from './harness/index.ts'
import { act, action, choose, dispatched, figure, follow, idOf, open, send, sign } from './harness/round.ts'
import { csrfOf } from './harness/sight.ts'

const matter = { words: '路灯', code: '01037-1' }
// What a return asks for.
const why = '为什么不属于本单位'
const basis = '依据（权责清单或法规条目）'
const rule = '退单已经审核裁定过，不能再次退单'

test('the unit returns it, the arbiter rules, and a second return is refused with the rule quoted', async ({
  visitor,
  asRole,
  setClock,
  shown,
}) => {
  const told = { text: '柳溪路 16 号门口的路灯不亮三天了，晚上看不见路。' }
  const { resident, receipt } = await dispatched({ visitor, asRole }, '柳溪社区', told, matter)

  // The unit says it is not theirs, on what ground.
  setClock(at('09:40'))
  const unit = await asRole('gaojianguo')
  await sign(unit, receipt.no)
  await choose(unit, '/queue/handle', receipt.no)
  const form = await open(unit, '退单')
  await expect(form.getByLabel(basis)).toBeVisible()
  await shown(unit, '01-return-form')
  await form.getByLabel(why).fill('这盏灯在小区红线内，由物业维护。')
  await form.getByLabel(basis).fill('权责清单 L11012 小区公共照明由物业负责')
  await send(form, '退单', receipt.no)
  await follow(resident, receipt)
  await expect(resident.locator('.promise')).toContainText(/正在重新确定由谁办，最晚 今天 \d\d:\d\d 前定下来/)
  await expect(resident.locator('main')).not.toContainText('物业')
  await shown(resident, '02-ruling')

  // The arbiter reads both and sends it back to the unit.
  setClock(at('09:50'))
  const arbiter = await asRole('fangyi')
  await choose(arbiter, '/queue/rule', receipt.no)
  const detail = arbiter.locator('.detail-in')
  await expect(detail).toContainText('这盏灯在小区红线内，由物业维护。')
  await expect(detail).toContainText('权责清单 L11012 小区公共照明由物业负责')
  await shown(arbiter, '03-ruling')
  const ruling = await open(arbiter, '驳回退单')
  await ruling.getByLabel('裁定理由').fill('灯杆编号在市政道路台账内，由市政服务中心办理。')
  await shown(arbiter, '04-ruling-form')
  await send(ruling, '驳回退单', receipt.no)

  // The unit has it again, with the ruling before its eyes and no second return on offer.
  setClock(at('10:00'))
  await choose(unit, '/queue/handle', receipt.no)
  await expect(unit.locator('.card.again')).toContainText('驳回退单')
  await expect(unit.locator('.card.again')).toContainText('灯杆编号在市政道路台账内')
  await expect(unit.locator('.card.again')).toContainText(rule)
  await expect(action(unit, '退单')).toHaveCount(0)
  await expect(action(unit, '办结')).toBeVisible()
  await shown(unit, '05-back')

  // Who asks for the form all the same, or sends one, reads the rule.
  const id = await idOf(unit, receipt.no)
  const answer = await unit.goto(`/cases/${id}/act/return`)
  expect(answer?.status()).toBe(422)
  await expect(unit.locator('main')).toContainText(rule)
  await shown(unit, '06-refused')
  await unit.goto(`/cases/${id}`)
  const again = { csrf: await csrfOf(unit), idem: '01956000-0000-7000-8000-000000000001', reason: '还是不归我们', basis: '权责清单' }
  const sent = await unit.request.post(`/cases/${id}/act/return`, { form: again })
  expect(sent.status()).toBe(422)
  expect(await sent.text()).toContain(rule)
  await unit.goto(`/cases/${id}`)
  await expect(unit.locator('.case-no')).toContainText('办理中')
  await follow(resident, receipt)
  await expect(resident.locator('.promise')).toContainText('正在办理')
  await shown(resident, '07-handling')
})

test('a form that stood open while the arbiter ruled is refused with the rule, not with a riddle', async ({
  visitor,
  asRole,
  setClock,
  shown,
}) => {
  setClock(at('10:10'))
  const told = { text: '东苑路口的路灯坏了，一闪一闪的。' }
  const { receipt } = await dispatched({ visitor, asRole }, '东苑社区', told, matter)
  const unit = await asRole('gaojianguo')
  await sign(unit, receipt.no)

  // Two of the unit have the form open; the first returns, the arbiter rules, then the second sends.
  const colleague = await asRole('luoqiang')
  await choose(colleague, '/queue/handle', receipt.no)
  const stale = await open(colleague, '退单')
  await stale.getByLabel(why).fill('不归我们管。')
  await stale.getByLabel(basis).fill('权责清单')
  await choose(unit, '/queue/handle', receipt.no)
  await act(unit, '退单', { [why]: '路灯产权属供电公司。', [basis]: '权责清单 01037' }, receipt.no)
  const arbiter = await asRole('fangyi')
  await choose(arbiter, '/queue/rule', receipt.no)
  await act(arbiter, '驳回退单', { 裁定理由: '按权责清单由市政服务中心牵头。' }, receipt.no)

  await stale.getByRole('button', { name: '退单' }).click()
  await expect(colleague.getByRole('alert')).toContainText(rule)
  // What was typed is still there to be read and copied.
  await expect(colleague.getByRole('alert')).toContainText('不归我们管。')
  await shown(colleague, '08-stale')
})

test('an upheld return goes to the unit that the arbiter names, and it is counted', async ({
  visitor,
  asRole,
  setClock,
  shown,
}) => {
  setClock(at('10:40'))
  const supervisor = await asRole('guming')
  const before = await figure(supervisor, 'demand.first_dispatch_right', day)
  const returned = await figure(supervisor, 'demand.return_rate', day)
  const told = { text: '北塘公园步道边的路灯不亮。' }
  const { resident, receipt } = await dispatched({ visitor, asRole }, '北塘社区', told, matter)
  const unit = await asRole('gaojianguo')
  await choose(unit, '/queue/sign', receipt.no)
  await act(unit, '退单', { [why]: '公园内的灯由园林所养护。', [basis]: '城市绿化条例，园林所养护范围' }, receipt.no)

  const arbiter = await asRole('fangyi')
  await choose(arbiter, '/queue/rule', receipt.no)
  const ruling = await open(arbiter, '同意退单')
  await ruling.getByLabel('主办单位').selectOption({ label: '园林所' })
  await ruling.getByLabel('裁定理由').fill('公园设施由园林所养护，改由园林所办理。')
  await shown(arbiter, '09-uphold-form')
  await send(ruling, '同意退单', receipt.no)

  const other = await asRole('sumin')
  await choose(other, '/queue/sign', receipt.no)
  await expect(other.locator('.card.again')).toContainText('同意退单，改派')
  await expect(other.locator('.card.again')).toContainText('公园设施由园林所养护')
  await expect(action(other, '退单')).toHaveCount(0)
  await shown(other, '10-other-unit')
  await follow(resident, receipt)
  await expect(resident.locator('.promise')).toContainText('园林所')
  await expect(resident.locator('.steps')).toContainText('已交园林所办理')

  const after = await figure(supervisor, 'demand.first_dispatch_right', day)
  expect(after.denominator).toBe(before.denominator + 1)
  expect(after.numerator).toBe(before.numerator)
  const since = await figure(supervisor, 'demand.return_rate', day)
  expect(since.numerator).toBe(returned.numerator + 1)
  expect(since.denominator).toBe(returned.denominator + 2)
})
