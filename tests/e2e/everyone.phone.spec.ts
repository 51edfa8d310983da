import { type Page, expect, phone as upright, test } from './harness/index.ts'

const phone = { ...upright, hasTouch: true }

/** Nothing to scroll sideways, and nothing to press that is too small for a thumb or lies below something else. */
async function usable(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const most = document.documentElement.clientWidth
    const out: string[] = []
    if (document.documentElement.scrollWidth > most) {
      for (const element of document.body.querySelectorAll('*')) {
        const box = element.getBoundingClientRect()
        if (box.width > 0 && box.right > most + 1 && !element.closest('.tbl-wrap, .plot, .strip, .tabs, .map-box')) {
          out.push(`${element.tagName.toLowerCase()}.${element.className} ends at ${Math.round(box.right)}`)
        }
      }
    }
    return out.slice(0, 5)
  })
  expect(wide, `${page.url()} is wider than the phone`).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), page.url()).toBeLessThanOrEqual(0)
  const bad = await page.evaluate(() => {
    const out: string[] = []
    const controls = '.btn, button, select, summary, .row, .strip a, .nav-check, input:not([type=hidden]):not([type=checkbox]):not([type=radio]):not([type=file]), textarea, label.check'
    for (const element of document.querySelectorAll<HTMLElement>(controls)) {
      // What a label, a heading of a fold or a closed menu hides is reached by that.
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
      element.scrollIntoView({ block: 'center', inline: 'center' })
      const box = element.getBoundingClientRect()
      if (box.width < 2 || box.height < 2) continue
      const name = `${element.tagName.toLowerCase()}.${element.className} "${(element.innerText || element.getAttribute('aria-label') || element.getAttribute('name') || '').trim().slice(0, 30)}"`
      if (box.height < 40 || box.width < 24) out.push(`${name} is ${Math.round(box.width)} × ${Math.round(box.height)}`)
      const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20))
      if (top && !element.contains(top) && !top.contains(element) && !top.closest('.live-bar')) out.push(`${name} lies below ${top.tagName.toLowerCase()}.${top.className}`)
    }
    window.scrollTo(0, 0)
    return out
  })
  expect(bad, page.url()).toEqual([])
}

/** With the bars that stick to the window put into the page: half a target below one would be taken for a small one. */
function withoutBars(audit: (page: Page) => Promise<void>) {
  const bars = (on: boolean) => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('.top, .acts, .nav .nav-check { position: static !important }')
    document.adoptedStyleSheets = on ? [] : [sheet]
  }
  return async (page: Page) => {
    await page.evaluate(bars, false)
    await audit(page)
    await page.evaluate(bars, true)
  }
}

test('staff pages on a phone', async ({ asRole, axe: audit, shot }) => {
  const axe = withoutBars(audit)
  test.setTimeout(300_000)
  const looked = async (page: Page, name: string) => {
    await axe(page)
    await shot(page, name)
    await usable(page)
  }
  const paths: Record<string, string[]> = {
    linlan: ['/', '/board', '/cases', '/cases?where=case.returns+%3E+0', '/intake', '/queue/accept'],
    songjianping: ['/', '/stats', '/stats/demand.on_time_rate?by=unit', '/stats/demand.satisfaction/records', '/stats/demand.received?by=matter', '/wall', '/cases'],
    chenli: ['/', '/report', '/cases'],
    wangxiulan: ['/', '/stats', '/queue/verify', '/queue/handle'],
    gaojianguo: ['/', '/queue/sign', '/queue/handle'],
    tangli: ['/queue/callback'],
  }
  for (const [login, list] of Object.entries(paths)) {
    const page = await asRole(login, phone)
    for (const path of list) {
      await page.goto(path)
      await looked(page, `${login}-${path.replace(/\W+/g, '-')}`)
    }
  }
})

test('the menu, a case and its forms on a phone', async ({ asRole, axe: audit, shot }) => {
  const axe = withoutBars(audit)
  test.setTimeout(300_000)
  for (const [login, queue, least] of [
    ['linlan', '/board', 1],
    ['zhoumin', '/queue/accept', 1],
    ['gaojianguo', '/queue/handle', 1],
    ['tangli', '/queue/callback', 1],
    ['shenyu', '/queue/verify', 1],
  ] as const) {
    const page = await asRole(login, phone)
    await page.goto(queue)
    await page.locator('.rows .row').first().tap()
    await expect(page.locator('.detail-in')).toBeVisible()
    await expect(page.locator('#queue')).toBeHidden()
    await axe(page)
    await shot(page, `${login}-case`)
    await usable(page)
    const id = await page.locator('.detail-in').getAttribute('data-for')
    const forms = await page.locator('.acts a[href*="/act/"], .acts a[href*="/do/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href') ?? ''))
    expect(forms.length, `${login} may act`).toBeGreaterThanOrEqual(least)
    for (const href of forms) {
      await page.goto(href)
      await expect(page.locator('form.act, form').first()).toBeVisible()
      await axe(page)
      await shot(page, `${login}-${/(?:act|do)\/(\w+)/.exec(href)?.[1]}`)
      await usable(page)
    }
    await page.goto(`/cases/${id}`)
    await usable(page)
  }

  const page = await asRole('linlan', phone)
  await page.locator('#nav-open').tap()
  await expect(page.locator('.nav-in')).toBeInViewport()
  await page.waitForTimeout(300)
  await shot(page, 'menu')
  await axe(page)
  await page.locator('.nav-in').getByRole('link', { name: '全部诉求' }).tap()
  await page.waitForURL('**/cases')
  // The filters are folded away until they are wanted.
  await expect(page.locator('#s-phase')).toBeHidden()
  await page.locator('.fold-label').tap()
  await page.locator('#s-phase').selectOption('open')
  await page.waitForURL((url) => url.searchParams.get('phase') === 'open')
  await expect(page.locator('#s-phase')).toBeVisible()
  await shot(page, 'filters')
})
