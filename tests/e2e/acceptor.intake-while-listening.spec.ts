import { type Page, at, expect, test } from './harness/index.ts'

/** The panel of the call one is in. */
const panel = (page: Page) => page.locator('[data-panel]:not([hidden])')
const notes = (page: Page) => panel(page).getByLabel('先记下来')
const tabs = (page: Page) => page.locator('.intake-tabs [role=tab]')

test('intake opens over the page, notes first, several calls at a time, each with its end on one key', async ({
  asRole,
  setClock,
  shown,
}) => {
  const desk = await asRole('zhoumin')
  await desk.goto('/queue/accept')
  const below = await desk.locator('.detail-in').getAttribute('data-for')

  // A call comes in: one key, and one writes what one hears.
  await desk.keyboard.press('n')
  await expect(notes(desk)).toBeFocused()
  await desk.keyboard.type('南岗小学西门垃圾桶倒了，垃圾撒了一地，电话13912042051，希望今天清走')
  await expect(panel(desk).locator('.similar').first()).toBeVisible()
  await shown(desk, '01-notes')

  // A second call while the first waits: both are kept.
  await desk.locator('[data-intake-new]').click()
  await expect(tabs(desk)).toHaveCount(2)
  await expect(notes(desk)).toBeFocused()
  await desk.keyboard.type('问老年证在哪里办，要带什么')
  await expect(panel(desk).locator('[data-draft-state]')).toContainText('已保存')

  // Answered at once: said, closed, with the number to say aloud.
  await panel(desk).getByLabel('当场答复内容').fill('带身份证和一寸照片，到街道便民服务中心 3 号窗口，当场办好。')
  await desk.keyboard.press('Alt+k')
  await expect(panel(desk)).toContainText('已当场答复并结案')
  await expect(panel(desk).locator('.say').first()).toHaveText(/^3月12日 \d{4}$/)
  await shown(desk, '02-answered')

  // Escape puts the layer away; the page below is where it was, and the first call comes back with all that was typed.
  await desk.keyboard.press('Escape')
  await expect(desk.locator('#intake')).toBeHidden()
  await expect(desk.locator('.detail-in')).toHaveAttribute('data-for', below ?? '')
  await desk.reload()
  await desk.locator('[data-intake-open]').first().click()
  await expect(notes(desk)).toHaveValue(/南岗小学西门垃圾桶倒了/)
  await panel(desk).getByLabel('联系电话').fill('13912042051')
  await panel(desk).getByLabel('称呼').fill('刘女士')
  await desk.keyboard.press('Control+Enter')
  await expect(panel(desk)).toContainText('已登记')
  const number = (await panel(desk).locator('.say').first().textContent()) ?? ''
  expect(number).toMatch(/^3月12日 \d{4}$/)
  await expect(panel(desk).locator('.say').nth(1)).toHaveText(/^[0-9A-Z]{4} [0-9A-Z]{4}$/)
  await shown(desk, '03-registered')
  const link = panel(desk).getByRole('link', { name: '查看这件' })
  const href = (await link.getAttribute('href')) ?? ''

  // The same person calls again: never a new case, the open one is urged.
  setClock(at('09:45'))
  await desk.goto('/queue/accept')
  await desk.keyboard.press('n')
  await notes(desk).fill('刚才反映垃圾桶的，问什么时候来清，催一下')
  await panel(desk).getByLabel('联系电话').fill('13912042051')
  await desk.keyboard.press('Alt+u')
  await expect(panel(desk)).toContainText('这个号码在办的诉求')
  await shown(desk, '04-callers-cases')
  await panel(desk).locator('input[name=urge_case]').first().check()
  await desk.keyboard.press('Alt+u')
  await expect(panel(desk)).toContainText('已催办')
  await expect(panel(desk).locator('.say').first()).toHaveText(number)
  await shown(desk, '05-urged')
  await desk.goto(href)
  await expect(desk.locator('.case-no')).toContainText('催办 1 次')
  await expect(desk.locator('.detail-in')).not.toContainText('13912042051')
  await expect(desk.locator('.detail-in')).toContainText('电话已隐去')
  await shown(desk, '06-case')
})
