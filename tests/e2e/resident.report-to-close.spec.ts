import { type Fixtures, type Page, at, day, expect, phone, test } from './harness/index.ts'
import { picture } from './harness/picture.ts'
import { type Receipt, accept, act, action, attach, choose, figure, follow, help, idOf, open, openCase, rate, report, said, send } from './harness/round.ts'

// Always checked on site and always called back, so that the round is whole.
const matter = { words: '雨水井盖', code: '01003-1' }
test.use({ startClock: at('15:15') })

const text = '柳溪路小学门口的雨水井盖碎了一块，往下陷，旁边路灯也不亮，孩子放学都从这里走。'

/** The public address of a place's QR card, read from the card a member of staff prints. */
async function qrAddress(staff: Page, place: string): Promise<string> {
  await staff.goto(`/places?q=${encodeURIComponent(place)}`)
  await staff.getByRole('link', { name: place, exact: true }).first().click()
  await staff.getByRole('link', { name: '二维码', exact: true }).click()
  const address = await staff.locator('.qr-card svg').first().getAttribute('aria-label')
  const path = /\/p\/[^/\s]+$/.exec(address ?? '')?.[0]
  if (!path) throw new Error(`the card of ${place} carries no public address: ${address}`)
  return path
}

/** What every hand of the round needs. */
interface Round extends Pick<Fixtures, 'asRole' | 'setClock' | 'shown'> {
  resident: Page
  receipt: Receipt
}

const promise = (resident: Page) => resident.locator('.promise')
const now = (resident: Page) => resident.locator('.steps [aria-current="step"]')

/** The acceptor says what it is and about whom. */
async function isAccepted({ asRole, setClock, shown, resident, receipt }: Round): Promise<void> {
  setClock(at('15:31'))
  const acceptor = await asRole('zhoumin')
  await choose(acceptor, '/queue/accept', receipt.no)
  await expect(acceptor.locator('.detail-in .said').first()).toContainText('雨水井盖碎了一块')
  await expect(acceptor.locator('.detail-in .photo img')).toHaveCount(1)
  await expect(acceptor.locator('.detail-in')).not.toContainText('13912042041')
  await shown(acceptor, '04-accept')
  await open(acceptor, '受理')
  await shown(acceptor, '05-accept-form')
  await accept(acceptor, receipt.no, matter)
  await shown(acceptor, '06-accepted')
  await follow(resident, receipt)
  await expect(promise(resident)).toContainText(/已受理，最晚 今天 \d\d:\d\d 前交给承办单位/)
  await shown(resident, '07-accepted')
}

/** The dispatcher, without a mouse. */
async function isDispatched({ asRole, setClock, shown, resident, receipt }: Round): Promise<void> {
  setClock(at('15:40'))
  const dispatcher = await asRole('linlan')
  const id = await idOf(dispatcher, receipt.no)
  await dispatcher.goto('/board')
  const detail = dispatcher.locator(`.detail-in[data-for="${id}"]`)
  const rows = await dispatcher.locator('[data-list] [data-item]').count()
  for (let n = 0; n < rows && !(await detail.isVisible()); n += 1) {
    await dispatcher.keyboard.press('j')
    const chosen = await dispatcher.locator('[data-list] [aria-current]').getAttribute('data-item')
    await expect(dispatcher.locator(`.detail-in[data-for="${chosen}"]`)).toBeVisible()
  }
  await expect(detail).toContainText('按建议分拨')
  await expect(detail).toContainText('市政服务中心')
  await shown(dispatcher, '08-board')
  await dispatcher.keyboard.press('?')
  await expect(dispatcher.locator('.keys-help')).toContainText('按建议分拨')
  await shown(dispatcher, '09-keys')
  await dispatcher.keyboard.press('Escape')
  await dispatcher.keyboard.press('Enter')
  await said(dispatcher, receipt.no)
  await shown(dispatcher, '10-dispatched')
  await follow(resident, receipt)
  await expect(promise(resident)).toContainText(/已交办，市政服务中心最晚 今天 17:40 前办好/)
  await expect(now(resident)).toContainText('等市政服务中心接手')
  await expect(resident.locator('.steps')).toContainText('柳溪社区协助')
  await shown(resident, '11-dispatched')
}

/** The unit signs and tells how it goes. */
async function isSigned({ asRole, setClock, shown, resident, receipt }: Round): Promise<void> {
  setClock(at('15:52'))
  const unit = await asRole('gaojianguo')
  await choose(unit, '/queue/sign', receipt.no)
  await shown(unit, '12-sign')
  await action(unit, '签收').click()
  await said(unit, receipt.no)
  await follow(resident, receipt)
  await expect(promise(resident)).toContainText('正在办理，最晚 今天 17:40 前办好')

  setClock(at('16:20'))
  await choose(unit, '/queue/handle', receipt.no)
  const progress = await open(unit, '写进展')
  await progress.getByLabel('进展').fill('已到现场，放了围挡，井盖今天下午更换。')
  await attach(progress, picture(40))
  await send(progress, '写进展', receipt.no)
  await follow(resident, receipt)
  await expect(now(resident)).toContainText('已到现场，放了围挡')
  await expect(now(resident).locator('img')).toHaveCount(1)
  await shown(resident, '13-handling')
}

/** The lead cannot finish before the community that helps, and reads so before typing. */
async function isFinished({ asRole, setClock, shown, resident, receipt }: Round): Promise<void> {
  setClock(at('16:45'))
  const unit = await asRole('gaojianguo')
  await choose(unit, '/queue/handle', receipt.no)
  const early = await open(unit, '办结')
  await expect(early).toContainText('协办单位柳溪社区还没有办结')
  await shown(unit, '14-waits-for')
  await early.getByLabel('办理结果').fill('已更换井盖。')
  await attach(early, picture(90))
  await expect(early.locator('[data-preview]')).toHaveCount(1)
  await early.getByRole('button', { name: '办结' }).click()
  await expect(early).toContainText('还有 1 个协办单位没有办结')
  await expect(early.getByLabel('办理结果')).toHaveValue('已更换井盖。')
  await expect(early.locator('[data-preview]')).toHaveCount(1)
  const helper = await asRole('wangxiulan')
  await help(helper, receipt.no, '已派网格员在围挡边看护，学生放学时引导绕行。')
  await shown(helper, '15-helped')

  setClock(at('17:05'))
  await choose(unit, '/queue/handle', receipt.no)
  const finish = await open(unit, '办结')
  await shown(unit, '16-finish-form')
  await finish.getByLabel('办理结果').fill('已更换井盖并找平路面，围挡已撤；路灯故障另行报修，已通知路灯所。')
  await attach(finish, picture(90))
  await send(finish, '办结', receipt.no)
  await follow(resident, receipt)
  await expect(promise(resident)).toContainText(/已办完，正在核查，最晚 \S+ \d\d:\d\d 前核查完/)
  await expect(now(resident)).toContainText('由其他工作人员到现场查看')
  await shown(resident, '17-checking')
}

/** Somebody else looks whether it is fixed. */
async function isChecked({ asRole, setClock, shown, resident, receipt }: Round): Promise<void> {
  setClock(at('17:20'))
  const verifier = await asRole('shenyu')
  await choose(verifier, '/queue/verify', receipt.no)
  await expect(verifier.locator('.detail-in')).toContainText('处置前后对比')
  await shown(verifier, '18-verify')
  await act(verifier, '核查通过', { 核查情况: '现场查看，井盖已更换，路面平整。' }, receipt.no)
  await follow(resident, receipt)
  await expect(promise(resident)).toContainText(/已办完，等着给您回话，最晚 \S+ \d\d:\d\d 前给您回话/)
  await shown(resident, '19-calling')
}

/** The call-back desk rings and closes. */
async function isClosed({ asRole, setClock, shown, receipt }: Round): Promise<void> {
  setClock(at('17:28'))
  const caller = await asRole('tangli')
  await choose(caller, '/queue/callback', receipt.no)
  await shown(caller, '20-call')
  const call = await open(caller, '回访结案')
  await shown(caller, '21-call-form')
  await call.getByText('已解决', { exact: true }).click()
  await call.getByText('满意', { exact: true }).click()
  await call.getByLabel('诉求人的话').fill('井盖换得很快，谢谢。')
  await send(call, '回访结案', receipt.no)
}

/** The resident reads the end and rates. */
async function isRated({ shown, resident, receipt }: Round): Promise<void> {
  await follow(resident, receipt)
  await expect(promise(resident)).toContainText('已办结')
  await expect(now(resident)).toContainText('请您评价')
  const way = resident.locator('.steps')
  for (const step of ['已收到', '已交市政服务中心办理', '办理', '核查通过', '已回访', '已办结']) await expect(way).toContainText(step)
  await shown(resident, '22-closed')
  await (await rate(resident, '解决了', '很满意', '孩子上学放心了。')).click()
  await expect(resident.getByText('谢谢您的评价。')).toBeVisible()
  await expect(way).toContainText('已评价，谢谢您')
  await shown(resident, '23-rated')
}

test('a resident reports by QR with a photo and no account, and follows it until it is closed and counted', async ({
  visitor,
  asRole,
  setClock,
  shown,
}) => {
  test.slow() // every hand in a session of its own, every page looked at
  const counted = async () => {
    const supervisor = await asRole('guming')
    return {
      received: await figure(supervisor, 'demand.received', day),
      closed: await figure(supervisor, 'demand.closed', day),
      voices: await figure(supervisor, 'demand.solved_rate', day),
      page: supervisor,
    }
  }
  const before = await counted()
  const path = await qrAddress(await asRole('zhoumin'), '柳溪社区')

  // The resident: a phone, no account.
  setClock(at('15:22'))
  const resident = await visitor(phone)
  await resident.goto(path)
  await shown(resident, '01-form')
  const told = { text, where: '柳溪路小学东门', phone: '13912042041', reply: true, photo: picture(150) }
  const receipt = await report(resident, told)
  await shown(resident, '02-receipt')
  await follow(resident, receipt)
  await expect(promise(resident)).toContainText(/已收到，最晚 今天 \d\d:\d\d 前告诉您是否受理/)
  await expect(now(resident)).toContainText('审核是否受理')
  await expect(resident.locator('.steps')).toContainText('请您评价')
  await expect(resident.locator('.box .photo img')).toHaveCount(1)
  await shown(resident, '03-received')

  const round = { asRole, setClock, shown, resident, receipt }
  await isAccepted(round)
  await isDispatched(round)
  await isSigned(round)
  await isFinished(round)
  await isChecked(round)
  await isClosed(round)
  await isRated(round)

  // Closed, and counted once in the same scope.
  const caller = await asRole('tangli')
  await openCase(caller, receipt.no)
  await expect(caller.locator('.case-no')).toContainText('已结案')
  await shown(caller, '24-closed')
  const after = await counted()
  expect(after.received.value).toBe((before.received.value ?? 0) + 1)
  expect(after.closed.value).toBe((before.closed.value ?? 0) + 1)
  // Of two answers on one handling, the call and the rating, the first stays.
  expect(after.voices.denominator).toBe(before.voices.denominator + 1)
  expect(after.voices.numerator).toBe(before.voices.numerator + 1)
  await after.page.goto(`/stats?from=${day}&to=${day}`)
  await shown(after.page, '25-figures')
})
