import { type Page, at, day, expect, test } from './harness/index.ts'
import { callBack, choose, dispatched, figure, finish, follow, idOf, open, pass, rate, send, sign } from './harness/round.ts'

const matter = { words: '路灯井盖', code: '01006' }
const why = '今天早上车一压又翘起来了，垫圈已经掉了。'

/** The figures that this journey moves. */
async function counted(supervisor: Page) {
  return {
    reopened: await figure(supervisor, 'demand.reopen_rate', day),
    rework: await figure(supervisor, 'demand.rework_rate', day),
    closed: await figure(supervisor, 'demand.closed', day),
  }
}

/** A new promise: what now, by when, what next. */
async function promisedAnew(resident: Page): Promise<void> {
  await expect(resident.locator('.promise')).toContainText(/已交办，市政服务中心最晚 \S+ \d\d:\d\d 前办好/)
  await expect(resident.locator('.steps [aria-current="step"]')).toContainText('等市政服务中心接手')
  await expect(resident.locator('.steps')).toContainText('反映没有解决，重新办理')
  await expect(resident.locator('.steps > li').last()).toContainText('请您评价')
  await expect(resident.locator('.box').filter({ hasText: why })).toBeVisible()
}

test('"not solved" from the public page reopens the case; it is counted and the unit reads why', async ({
  visitor,
  asRole,
  setClock,
  shown,
}) => {
  test.slow() // every hand in a session of its own, every page looked at
  const before = await counted(await asRole('guming'))
  const told = { text: '菜场后门的路灯井盖松了，车一压就翘起来，夜里响得睡不着。', phone: '13912042042', reply: true }
  const { resident, receipt } = await dispatched({ visitor, asRole }, '柳溪社区', told, matter)
  const unit = await asRole('gaojianguo')
  await sign(unit, receipt.no)
  setClock(at('09:50'))
  await finish(unit, receipt.no, '已加装防响垫圈并紧固。')
  const verifier = await asRole('shenyu')
  await pass(verifier, receipt.no)
  const caller = await asRole('tangli')
  await callBack(caller, receipt.no)
  await follow(resident, receipt)
  await expect(resident.locator('.promise')).toContainText('已办结')

  // It rattles again: the resident says so where they rate.
  setClock(at('10:05'))
  await resident.reload()
  const sent = await rate(resident, '没解决', '不满意', why)
  await shown(resident, '01-not-solved')
  await sent.click()
  await expect(resident.getByText('已按您说的重新办理')).toBeVisible()
  await promisedAnew(resident)
  await shown(resident, '02-new-promise')

  // The unit sees that it is back and why.
  setClock(at('10:10'))
  const id = await idOf(unit, receipt.no)
  await unit.goto('/')
  await expect(unit.locator(`[data-item="${id}"]`).first()).toContainText('重办 1 次')
  await shown(unit, '03-home')
  await choose(unit, '/queue/sign', receipt.no)
  await expect(unit.locator('.card.again')).toContainText('诉求人 反映未解决，重办')
  await expect(unit.locator('.card.again')).toContainText(why)
  await shown(unit, '04-back')
  await sign(unit, receipt.no)
  await finish(unit, receipt.no, '已更换整套井盖、井圈。')

  // The verifier finds it is not fixed: rework, with what is wrong, counted apart.
  setClock(at('10:14'))
  await choose(verifier, '/queue/verify', receipt.no)
  const fail = await open(verifier, '退回返工')
  await fail.getByLabel('哪里没有解决').fill('井圈高出路面三厘米，会绊人。')
  await fail.locator('input[name=photos]').setInputFiles([])
  await shown(verifier, '05-fail-form')
  await send(fail, '退回返工', receipt.no)
  await follow(resident, receipt)
  await expect(resident.locator('.steps')).toContainText('核查没有通过，退回重办')
  setClock(at('10:18'))
  await choose(unit, '/queue/sign', receipt.no)
  await expect(unit.locator('.card.again')).toContainText('井圈高出路面三厘米，会绊人。')
  await expect(unit.locator('.case-no')).toContainText('返工 1 次')
  await shown(unit, '06-rework')
  await sign(unit, receipt.no)
  await finish(unit, receipt.no, '已重新浇筑找平。')
  await pass(verifier, receipt.no)
  await callBack(await asRole('tangli'), receipt.no)

  const seen = await asRole('guming')
  const after = await counted(seen)
  // One case, handled thrice, counts once; it was reopened and reworked.
  expect(after.reopened.denominator).toBe(before.reopened.denominator + 1)
  expect(after.reopened.numerator).toBe(before.reopened.numerator + 1)
  expect(after.rework.numerator).toBe(before.rework.numerator + 1)
  expect(after.closed.value).toBe((before.closed.value ?? 0) + 1)
  await follow(resident, receipt)
  await expect(resident.locator('.promise')).toContainText('已办结')
  await shown(resident, '07-closed')
  await seen.goto(`/stats/demand.reopen_rate?from=${day}&to=${day}`)
  await shown(seen, '08-figure')
})
