import { type Page, at, expect, phone, test } from './harness/index.ts'
import { picture } from './harness/picture.ts'
import { type Receipt, accept, dispatch, follow, openCase, reported, sign } from './harness/round.ts'
import { csrfOf, expectNowhere } from './harness/sight.ts'

const number = '19900007733'
const masked = '199****7733'
const reason = '核实 3 栋漏水的具体楼层'
let receipt: Receipt
let address: string

/** Opens the box of the first requester, gives a reason, and looks. */
async function reveal(page: Page, why: string) {
  const box = page.locator('section.card', { has: page.locator('h2', { hasText: /^诉求人$/ }) })
  await box.locator('summary', { hasText: '查看联系方式' }).click()
  await box.locator('input[name="reason"]').fill(why)
  await box.locator('form button').click()
  return box
}

/** The report whose requester's box the page shows, as its form names it. */
async function reportShown(page: Page): Promise<string> {
  return page.locator('form[id^="f-reveal-"] input[name="report"]').inputValue()
}

test('a masked phone is shown for a reason, with the mark of who looks', async ({
  visitor,
  asRole,
  setClock,
  shot,
  shown,
}) => {
  const told = { phone: number, name: '孙木兰', where: '柳溪花园 3 栋', photo: picture(150) }
  const text = '柳溪花园 3 栋楼道漏水，物业一直不来修'
  receipt = (await reported(visitor, '柳溪社区', { text, ...told })).receipt
  const desk = await asRole('linlan')
  address = await openCase(desk, receipt.no)
  await expectNowhere(desk, [number, '孙木兰'])
  await expect(desk.locator('.detail-in')).toContainText(masked)
  await shot(desk, 'masked')
  // Without a reason nothing is shown.
  const form = { csrf: await csrfOf(desk), report: await reportShown(desk), reason: ' ' }
  const bare = await desk.request.post(`${address}/reveal`, { form })
  expect(bare.status()).toBe(422)
  expect(await bare.text()).not.toContain(number)

  setClock(at('09:42'))
  const box = await reveal(desk, reason)
  await expect(box).toContainText(number)
  await expect(box).toContainText('孙木兰')
  await expect(box.locator('.mark')).toHaveText('林岚 · 综合网格中心 · 2026年3月12日 09:42')
  await shown(desk, 'revealed')
  await desk.setViewportSize(phone.viewport)
  await shot(desk, 'revealed')
  // It is gone with the page, and not in the print.
  await desk.reload()
  await expectNowhere(desk, [number, '孙木兰'])
  await desk.goto(`${address}/print`)
  await expectNowhere(desk, [number, '孙木兰', masked])
})

test('the auditor finds who, when and why', async ({ asRole, shot, shown }) => {
  const auditor = await asRole('dingjie')
  await auditor.goto('/log')
  await auditor.getByRole('link', { name: '查看诉求人信息' }).click()
  const row = auditor.locator('tbody tr', { hasText: receipt.no })
  await expect(row).toHaveCount(1)
  await expect(row).toContainText('2026-03-12 09:42:00')
  await expect(row).toContainText('林岚')
  await expect(row).toContainText('综合网格中心')
  await expect(row).toContainText(reason)
  await shown(auditor, 'log')
  await auditor.setViewportSize(phone.viewport)
  await shot(auditor, 'log')
  // By the number of the case alone, in the whole log too.
  await auditor.goto(`/log?case_no=${encodeURIComponent(receipt.no)}`)
  await expect(auditor.locator('tbody tr', { hasText: '查看诉求人信息' })).toContainText('林岚')
  await expectNowhere(auditor, [number, '孙木兰', '楼道漏水'])
  // The log is all there is for the auditor: no case.
  expect((await auditor.request.get(address)).status()).toBe(403)
})

test('the system administrator can neither open the case nor find it anywhere', async ({ asRole, shot }) => {
  const desk = await asRole('linlan')
  await desk.goto(address)
  const file = (await desk.locator('.detail-in img').first().getAttribute('src')) ?? ''
  expect((await desk.request.get(file)).status()).toBe(200)
  const reported = await reportShown(desk)

  const admin = await asRole('wuhao')
  const csrf = await csrfOf(admin)
  const id = address.split('/').pop()
  const no = encodeURIComponent(receipt.no)
  const ways = [
    '/cases',
    `/cases?q=${no}`,
    `/cases?q=${encodeURIComponent('楼道漏水')}`,
    address,
    `${address}/print`,
    `${address}/act/note`,
    `${address}/do/merge`,
    '/board',
    '/queue/accept',
    '/intake',
    `/log?view=reveals`,
    '/stats',
    file,
    file.replace('?small=1', ''),
    '/api/v1/cases',
    `/api/v1/cases?q=${no}`,
    `/api/v1/cases/${id}`,
  ]
  for (const way of ways) {
    const answer = await admin.request.get(way)
    expect([403, 404], `${answer.status()} at ${way}`).toContain(answer.status())
    const text = await answer.text()
    for (const secret of [receipt.no, number, masked, '孙木兰', '漏水']) expect(text, way).not.toContain(secret)
  }
  const posts: [string, Record<string, string>][] = [
    [`${address}/reveal`, { report: reported, reason: '看看' }],
    [`${address}/act/note`, { note: '看看' }],
    ['/cases/export', { q: receipt.no }],
    [`/api/v1/cases/${id}/actions/note`, { note: '看看' }],
  ]
  for (const [way, form] of posts) {
    const answer = await admin.request.post(way, { form: { csrf, ...form } })
    expect([403, 404], `${answer.status()} at ${way}`).toContain(answer.status())
    expect(await answer.text(), way).not.toContain(number)
  }
  // What is in the menu opens, and holds nothing of it.
  await admin.goto('/')
  const links = await admin.locator('.nav a').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))
  expect(links).not.toContain('/cases')
  expect(links).not.toContain('/log')
  for (const link of links.filter((link) => link.startsWith('/') && !link.includes('lang='))) {
    const text = await (await admin.request.get(link)).text()
    for (const secret of [receipt.no, number, masked, '孙木兰']) expect(text, link).not.toContain(secret)
  }
  await admin.goto(address)
  await expect(admin.locator('main')).not.toContainText('漏水')
  await shot(admin, 'refused')
})

test('the requester reads how often, by which unit and when the contact was looked at', async ({ visitor, shown }) => {
  const resident = await visitor(phone)
  await follow(resident, receipt)
  const box = resident.locator('h2', { hasText: '谁看过您的联系方式' }).locator('xpath=following-sibling::*[1]')
  await expect(box).toContainText('综合网格中心看过 1 次，最近一次 今天 09:42')
  await expectNowhere(resident, ['林岚', number, reason])
  await shown(resident, 'looked-at')
})

test('a property firm sees the number only of a requester who ticked it', async ({
  visitor,
  asRole,
  setClock,
  shot,
  shown,
}) => {
  const { resident, receipt: ticked } = await reported(visitor, '柳溪社区', {
    text: '柳溪花园 5 栋电梯口的灯坏了，物业可以直接打我电话',
    phone: '19900008844',
    name: '李秋禾',
    where: '柳溪花园 5 栋',
    share: true,
  })
  const desk = await asRole('linlan')
  for (const no of [receipt.no, ticked.no]) {
    await accept(desk, no, { words: '物业服务不到位', code: 'L11001' })
    await dispatch(desk, no, { lead: '和安物业' })
  }
  const firm = await asRole('yinjie')
  await sign(firm, receipt.no)
  const path = await openCase(firm, receipt.no)
  await expect(firm.locator('.detail-in')).toContainText('诉求人未同意告知承办企业')
  await expect(firm.locator('.detail-in')).not.toContainText('查看联系方式')
  await expectNowhere(firm, [number, masked, '7733', '孙木兰', '孙**'])
  await shot(firm, 'firm-without')
  // Not by a hand-made request either.
  await desk.goto(path)
  const form = { csrf: await csrfOf(firm), report: await reportShown(desk), reason: '上门维修' }
  const answer = await firm.request.post(`${path}/reveal`, { form })
  expect(answer.status()).toBe(403)
  expect(await answer.text()).not.toContain(number)

  setClock(at('10:05'))
  await openCase(firm, ticked.no)
  const box = await reveal(firm, '约定上门时间')
  await expect(box).toContainText('19900008844')
  await expect(box.locator('.mark')).toContainText('尹杰 · 和安物业')
  await shown(firm, 'firm-with')
  await follow(resident, ticked)
  await expect(resident.locator('main')).toContainText('您同意承办单位知道您的电话')
  await expect(resident.locator('main')).toContainText('和安物业看过 1 次，最近一次 今天 10:05')
})
