import { type Page, expect, test } from './harness/index.ts'
import { picture } from './harness/picture.ts'
import { attach, openCase, openReport, rate, receiptOf } from './harness/round.ts'

const text = '北塘社区东门的路灯不亮，已经三天了，晚上很黑，老人不敢下楼。'

async function pictures(page: Page): Promise<number> {
  const addresses = await page.locator('.photo img').evaluateAll((all) => all.map((i) => i.getAttribute('src') ?? ''))
  for (const address of addresses) {
    const answer = await page.request.get(address)
    expect(answer.headers()['content-type'], address).toBe('image/jpeg')
  }
  return addresses.length
}

for (const width of [390, 1280]) {
  test(`without scripts a resident reports, follows, adds, urges and rates at ${width} px`, async ({ visitor, asRole, setClock, shot }) => {
    const day = width === 390 ? '2026-03-12' : '2026-03-13'
    setClock(`${day}T09:30:00+08:00`)
    const said = `${text}（${width}）`
    const resident = await visitor({ javaScriptEnabled: false, viewport: { width, height: 844 } })
    await openReport(resident, '北塘社区')
    await shot(resident, 'form')

    // A mistake is told, and everything typed is still there.
    await resident.getByLabel('您要反映什么事？').fill(said)
    await resident.getByLabel('具体在哪里').fill('东门岗亭旁')
    await resident.getByLabel('电话').first().fill('12')
    await attach(resident.locator('#report'), picture(60))
    await resident.getByRole('button', { name: '提交' }).click()
    await expect(resident.locator('.errors')).toBeVisible()
    await expect(resident.getByLabel('您要反映什么事？')).toHaveValue(said)
    await expect(resident.getByLabel('具体在哪里')).toHaveValue('东门岗亭旁')
    await expect(resident.locator('input[name=kept]')).toBeChecked()
    await shot(resident, 'mistake')
    await resident.getByLabel('电话').first().fill('13912042041')
    await resident.getByRole('button', { name: '提交' }).click()
    const { no, code } = await receiptOf(resident)
    await shot(resident, 'receipt')

    await resident.getByRole('link', { name: '看进度' }).click()
    await expect(resident.locator('.promise')).toBeVisible()
    await expect(resident.locator('.said')).toContainText(said)
    expect(await pictures(resident)).toBe(1)
    await shot(resident, 'followed')

    // Later, by number and code as they stand on the slip of paper.
    await resident.goto('/p/track')
    await resident.getByLabel('编号').fill(no)
    await resident.getByLabel('查询码', { exact: true }).fill(code)
    await resident.getByRole('button', { name: '查询' }).click()
    await resident.getByRole('link', { name: '补充说明' }).click()
    await resident.getByLabel('补充什么').fill('是三号灯杆。')
    await attach(resident.locator('#adding'), picture(120))
    await resident.locator('#adding').getByRole('button', { name: '提交' }).click()
    await expect(resident.locator('main')).toContainText('是三号灯杆。')
    expect(await pictures(resident)).toBe(2)
    setClock(`${day}T10:30:00+08:00`)
    await resident.getByRole('button', { name: '催办' }).click()
    await expect(resident.locator('.notice').first()).toBeVisible()
    await shot(resident, 'urged')

    // Staff read all of it, and answer.
    const acceptor = await asRole('zhoumin')
    const path = await openCase(acceptor, no)
    await expect(acceptor.locator('main')).toContainText('是三号灯杆。')
    await acceptor.goto(`${path}/act/answer`)
    await acceptor.locator('form.act input[name=matter_q]').fill('路灯')
    await acceptor.locator('form.act label.check', { has: acceptor.locator('input[name=matter]') }).first().click()
    await acceptor.locator('form.act textarea').first().fill('路灯已当场联系修好。')
    await acceptor.locator('form.act button.pri').click()
    await expect(acceptor.locator('.notice.ok').first()).toBeVisible()

    setClock(`${day}T11:00:00+08:00`)
    await resident.goto(`/p/track/${encodeURIComponent(no)}`)
    await expect(resident.locator('#rate')).toBeVisible()
    await shot(resident, 'rating')
    await (await rate(resident, '解决了', '满意', '很快。')).click()
    await expect(resident.locator('main')).toContainText('谢谢您的评价')
    await shot(resident, 'rated')
    // Sent again by going back, nothing is doubled: one case, one rating.
    const again = await asRole('zhoumin')
    await again.goto(`/cases?q=${encodeURIComponent(said)}`)
    await expect(again.locator('#total')).toContainText('1')
    expect(await again.locator('[data-item]').count()).toBe(1)
  })
}
