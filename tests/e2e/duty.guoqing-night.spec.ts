// 国庆 night: an urgent case finds the duty officer, who is silent, then the leader in charge, who confirms on the duty
// PC. And the list of eight days is made in a minute.
import { takeShift } from './harness/duty.ts'
import { type Page, expect, phone, test } from './harness/index.ts'
import { choose, open, recognise, reported, send } from './harness/round.ts'

test.use({ startClock: '2026-10-01T23:02:00+08:00' })

/** Puts somebody on tonight's shift of a kind, unless they are. */
async function tonight(keeper: Page, kind: string, name: string): Promise<void> {
  await keeper.goto('/roster?month=2026-10')
  const shift = keeper.locator('td.today a').filter({ hasText: kind })
  if ((await shift.innerText()).includes(name)) return
  await takeShift(keeper, shift, name, '家中有事')
}

test('an urgent case finds the duty officer, who is silent, then the next', async ({ visitor, asRole, setClock, shown }) => {
  const keeper = await asRole('zhouxiaoyun')
  await tonight(keeper, '值班员', '林岚')
  await tonight(keeper, '带班领导', '宋建平')
  await keeper.goto('/')
  await expect(keeper.locator('.duty-strip').first()).toContainText('值班员 林岚')
  await shown(keeper, '01-home')
  await keeper.goto('/roster?month=2026-10')
  await shown(keeper, '02-month')

  const officer = await asRole('linlan')
  await officer.goto('/messages/desk')
  await expect(officer.locator('.alarm')).not.toHaveClass(/on/)
  const { receipt } = await reported(visitor, '柳溪社区', { text: '柳溪路地下车库入口积水，车辆被困，水还在涨', where: '柳溪路' })
  const desk = await asRole('zhoumin')
  await choose(desk, '/queue/accept', receipt.no)
  const form = await open(desk, '受理')
  await recognise(form, { words: '道路积水', code: 'L90005' })
  await form.getByLabel(/列为紧急/).check()
  await send(form, '受理', receipt.no)

  setClock('2026-10-01T23:04:00+08:00')
  await expect(officer.locator('.alarm.on')).toContainText('1 条紧急叫应等待确认')
  const alert = officer.locator('.alert').filter({ hasText: receipt.no })
  await expect(alert.getByRole('row').filter({ hasText: '林岚' })).toContainText('已发出')
  await expect(alert.getByRole('row').filter({ hasText: '宋建平' })).toContainText('还没轮到')
  await expect(alert).not.toContainText('车辆被困', { timeout: 1_000 })
  await shown(officer, '03-duty-pc')

  setClock('2026-10-01T23:14:30+08:00')
  await expect(alert.getByRole('row').filter({ hasText: '林岚' })).toContainText('转给宋建平')
  const leader = await asRole('songjianping', phone)
  await leader.goto('/messages')
  await expect(leader.locator('.msg.is-red').filter({ hasText: receipt.no })).toBeVisible()
  await shown(leader, '04-leader')
  await leader.goto('/messages/desk')
  await leader.locator('.alert').filter({ hasText: receipt.no }).getByRole('button', { name: '确认收到' }).click()
  await expect(leader.locator('.notice.ok')).toContainText('已确认')
  await expect(officer.locator('.alarm')).not.toHaveClass(/on/)
  await expect(officer.locator('.msg').filter({ hasText: receipt.no })).toContainText('宋建平已确认')

  await officer.goto('/roster/log')
  await officer.getByLabel('内容').fill('柳溪路地下车库积水，已叫应带班领导，市政到场抽排。')
  await officer.getByRole('button', { name: '记入' }).click()
  await expect(officer.locator('.notice.ok')).toContainText('已记入值班日志')
  await expect(officer.getByRole('row').filter({ hasText: '抽排' })).toContainText('23:14')
  await shown(officer, '05-log')
  await officer.goto('/roster/reports/new')
  await officer.getByLabel('发生时间').fill('2026-10-01T22:50')
  await officer.getByLabel('地点').fill('柳溪路地下车库')
  await officer.getByLabel('事件情况').fill('车库入口积水约四十厘米，三辆车被困，人员已撤出')
  await officer.getByLabel('已采取的措施').fill('市政抽排，平安办疏导')
  await officer.getByLabel('报给谁').fill('区委值班室')
  await officer.getByLabel('怎么报的').fill('电话')
  await officer.getByRole('button', { name: '记入' }).click()
  await expect(officer.locator('.chip.on').first()).toHaveText('发生后 24 分钟首报')
  await shown(officer, '06-report')
})

test('a list of eight days is made, changed by hand and published', async ({ asRole, shown }) => {
  const keeper = await asRole('zhouxiaoyun')
  await keeper.goto('/roster/new')
  await keeper.getByLabel('从', { exact: true }).fill('2026-11-01')
  await keeper.getByLabel('到（含当天）').fill('2026-11-08')
  await shown(keeper, '10-new')
  await keeper.getByRole('button', { name: '排出草稿' }).click()
  await expect(keeper.locator('h1')).toHaveText('值班表草稿')
  await expect(keeper.locator('.draft tbody tr')).toHaveCount(24)
  await expect(keeper.locator('.draft tbody tr').first()).toContainText('此前节假日')
  await shown(keeper, '11-draft')
  await keeper.getByRole('button', { name: '发布' }).click()
  await expect(keeper.locator('.notice.ok')).toContainText('值班表已发布')
  await keeper.goto('/roster?month=2026-11')
  await expect(keeper.locator('.month td').filter({ hasText: '值班员' })).toHaveCount(8)
  await keeper.goto('/roster/print?from=2026-11-01&until=2026-11-08')
  await expect(keeper.locator('.ledger tbody tr')).toHaveCount(8)
  await shown(keeper, '12-paper')
})
