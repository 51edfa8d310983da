// Units, posts, accounts and rights as three separated administrators keep them.
import { expect, type Page, test } from './harness/index.ts'
import { askFor, confirmAll, makePost, openAccount, openPost } from './harness/administrators.ts'

/** The first press asks in place; the second does it. */
async function confirmed(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click()
  await page.locator('.confirm').getByRole('button', { name: '确定' }).click()
}

test('a colleague gets an account, a post and a right from three people, and a password of their own', async ({
  visitor,
  asRole,
  axe,
  shown,
}) => {
  const system = await asRole('wuhao')
  await system.goto('/units')
  await system.getByRole('link', { name: '新增单位' }).click()
  await system.getByLabel('单位全称').fill('青禾街道退役军人服务站')
  await system.locator('#f-short').fill('退役军人站')
  await system.locator('#f-code').fill('veterans')
  await system.locator('#f-kind').selectOption({ label: '街道部门' })
  await system.getByRole('button', { name: '保存' }).click()
  await expect(system.getByRole('heading', { level: 1, name: '青禾街道退役军人服务站' })).toBeVisible()
  await shown(system, 'unit')

  await makePost(system, '退役军人站', '核查专干')

  await system.goto('/people/new')
  await system.locator('#f-name').fill('于晓彤')
  await system.locator('#f-login').fill('yuxiaotong')
  await system.getByRole('button', { name: '建立账号' }).click()
  const first = (await system.locator('#first-password').innerText()).trim()
  expect(first).toMatch(/^\S{14}$/)
  await axe(system)

  // The security administrator asks: the right for the post, and the person for the post.
  const security = await asRole('yuting')
  await askFor(security, ['退役军人站', '核查专干'], '核查员', '于晓彤')
  await shown(security, 'post')
  await security.goto('/people/grants')
  await expect(security.getByText('您提出的，须另一人确认').first()).toBeVisible()
  await expect(security.getByRole('button', { name: '确认', exact: true })).toHaveCount(0)

  // Before it is confirmed the account brings nothing.
  const newcomer = await visitor()
  await newcomer.goto('/login')
  await newcomer.locator('#f-login').fill('yuxiaotong')
  await newcomer.locator('#f-password').fill(first)
  await newcomer.getByRole('button', { name: '登录', exact: true }).click()
  await newcomer.waitForURL('**/account/password')
  await newcomer.goto('/')
  await newcomer.waitForURL('**/account/password')
  await axe(newcomer)
  await newcomer.locator('#f-current').fill(first)
  await newcomer.locator('#f-password').fill('四月的槐花开满了东苑路')
  await newcomer.locator('#f-again').fill('四月的槐花开满了东苑路')
  await newcomer.locator('#password button.pri').click()
  await newcomer.goto('/')
  await expect(newcomer.locator('a[href="/queue/verify"]')).toHaveCount(0)

  const auditor = await asRole('dingjie')
  await auditor.goto('/people/grants')
  await shown(auditor, 'grants')
  await expect(auditor.getByRole('button', { name: '确认', exact: true })).toHaveCount(2)
  await confirmAll(auditor)
  await newcomer.goto('/')
  await expect(newcomer.locator('nav.nav a[href="/queue/verify"]')).toBeVisible()
  await newcomer.goto('/account')
  await expect(newcomer.getByText('核查专干').first()).toBeVisible()
  await shown(newcomer, 'account')
})

test('none of the three administrators sees a case', async ({ asRole }) => {
  const dispatcher = await asRole('linlan')
  await dispatcher.goto('/cases')
  const some = await dispatcher.locator('[data-open]').first().getAttribute('href')
  expect(some).toBeTruthy()
  for (const login of ['wuhao', 'yuting', 'dingjie']) {
    const page = await asRole(login)
    await page.goto('/')
    await expect(page.locator('nav.nav a[href="/cases"], nav.nav a[href="/stats"], nav.nav a[href="/board"]')).toHaveCount(0)
    for (const path of ['/cases', some ?? '', '/board', '/stats', '/intake']) {
      const answer = await page.goto(path)
      expect([403, 404], `${login} ${path}`).toContain(answer?.status())
    }
  }
})

test('whoever leaves hands everything over on one page and signs the printed list', async ({
  asRole,
  axe,
  shot,
  shown,
}) => {
  const system = await asRole('wuhao')
  const { name, post } = await openLeaver(system)
  await shown(system, 'leave')
  await system.locator('select[name="to"]').first().selectOption({ label: '刘倩' })
  await confirmed(system, '交接并注销账号')
  await expect(system.getByRole('heading', { name: `${name}离岗交接清单` })).toBeVisible()
  const sheet = system.locator('.sheet')
  await expect(sheet.locator('table').first()).toContainText('刘倩')
  await expect(sheet).toContainText('未办结')
  await axe(system)
  await system.emulateMedia({ media: 'print' })
  await expect(sheet.locator('.signs')).toBeVisible()
  await expect(system.getByRole('button', { name: '打印' })).toBeHidden()
  await expect(system.locator('nav.nav')).toBeHidden()
  await shot(system, 'sheet-print')
  await system.emulateMedia({ media: null })

  await openAccountClosed(system, name)
  const auditor = await asRole('dingjie')
  await auditor.goto('/people/grants')
  const row = auditor.locator('tbody tr').filter({ hasText: '刘倩' }).first()
  await row.getByRole('button', { name: '确认', exact: true }).click()
  await expect(auditor.getByText('授权已生效。')).toBeVisible()
  await openAccount(auditor, '刘倩')
  await expect(auditor.getByRole('link', { name: post, exact: true })).toBeVisible()
})

/** The page of leaving of somebody who has cases in hand: their name and their post. */
async function openLeaver(page: Page): Promise<{ name: string; post: string }> {
  for (const name of ['高建国', '何秀芳', '苏敏', '赵刚', '马立群', '孙伟', '彭亮', '罗强', '韩冬', '邓文博']) {
    await openAccount(page, name)
    const post = await page.locator('section', { hasText: '在任岗位' }).locator('tbody th a').first().innerText()
    await page.getByRole('link', { name: '离岗交接' }).click()
    await expect(page.getByRole('heading', { level: 1, name: `${name}离岗交接` })).toBeVisible()
    await expect(page.locator('#leave')).toContainText(post)
    if ((await page.locator('#leave .tbl-wrap tbody tr').count()) > 0) return { name, post }
  }
  throw new Error('nobody has a case in hand')
}

async function openAccountClosed(page: Page, name: string): Promise<void> {
  await page.goto('/people?state=closed')
  await page.getByRole('link', { name, exact: true }).click()
  await expect(page.locator('.page-head .sub')).toContainText('已注销')
  await expect(page.getByRole('link', { name: '交接清单' })).toBeVisible()
}

test('a substitute has the scope of the post from a day to a day, and then no more', async ({
  asRole,
  setClock,
  shown,
}) => {
  const before = await asRole('liuqian')
  const own = await casesSeen(before)
  await before.goto('/')
  await expect(before.locator('nav.nav a[href="/queue/verify"]')).toHaveCount(0)

  const holder = await asRole('wangxiulan')
  await openPost(holder, '柳溪社区', '社区书记')
  await holder.locator('#f-account').selectOption({ label: '刘倩' })
  await holder.locator('#f-until').fill('2026-03-13')
  await holder.locator('#fill').getByRole('button', { name: '确定' }).click()
  await expect(holder.locator('tbody tr').filter({ hasText: '刘倩' })).toContainText('代班')
  await shown(holder, 'acting')

  await before.goto('/')
  await expect(before.locator('nav.nav a[href="/queue/verify"]')).toBeVisible()
  expect(await casesSeen(before), 'all of the community, not the own unit’s only').toBeGreaterThan(own)
  await before.goto('/account')
  await expect(before.locator('main')).toContainText('社区书记')
  await expect(before.locator('main .chip.amber').first()).toBeVisible()

  setClock('2026-03-14T09:30:00+08:00')
  const after = await asRole('liuqian')
  await after.goto('/')
  await expect(after.locator('nav.nav a[href="/queue/verify"]')).toHaveCount(0)
  expect(await casesSeen(after)).toBe(own)
})

/** How many cases somebody's list has. */
async function casesSeen(page: Page): Promise<number> {
  await page.goto('/cases')
  return Number(/\d+/.exec((await page.locator('#total').innerText()).replace(/,/g, ''))?.[0])
}
