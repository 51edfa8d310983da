import { type Page, expect, test } from './harness/index.ts'
import { everyListIsAsLong, figuresIn, listed, statedTotal } from './harness/sight.ts'

const tables = '.tbl td.num'

/** Opens the tables of all charts. */
async function openChartTables(page: Page): Promise<void> {
  for (const details of await page.locator('details.chart-data').all()) await details.locator('summary').click()
}

/** A click on a tile: a count opens its list, a share its own page and, beside it, both lists. */
async function tileLeadsOn(leader: Page, i: number, board: string): Promise<'count' | 'rate'> {
  const tile = leader.locator('.tile').nth(i)
  const title = (await tile.locator('a').first().innerText()).replace(/\s+/g, ' ')
  const value = (await tile.locator('b').innerText()).trim()
  const parts = await tile.locator('.of a').allInnerTexts()
  if (/^\d+$/.test(value)) {
    await tile.locator('a').first().click()
    expect(await statedTotal(leader), title).toBe(Number(value))
    return 'count'
  }
  expect(parts.length, `${title} names what it is made of`).toBeGreaterThan(0)
  for (const [at, part] of parts.entries()) {
    await leader.goto(board)
    await tile.locator('.of a').nth(at).click()
    expect(await statedTotal(leader), `${title}, part ${at + 1}`).toBe(Number(part))
  }
  const [above, below] = parts.map(Number)
  if (/%$/.test(value) && above !== undefined && below !== undefined) {
    expect(value, `${title} is ${above} of ${below}`).toBe(`${((Math.round((above * 10_000) / below / 10) || 0) / 10).toFixed(1)}%`)
  }
  await leader.goto(board)
  await tile.locator('a').first().click()
  await expect(leader.getByRole('heading', { name: '怎么算的' })).toBeVisible()
  await everyListIsAsLong(leader, (await figuresIn(leader, tables)).linked)
  return 'rate'
}

test('a leader clicks a figure and arrives at a list whose length is the figure', async ({ asRole, shown }) => {
  test.setTimeout(420_000)
  const leader = await asRole('songjianping')
  await leader.goto('/stats')
  await leader.getByRole('link', { name: '上月', exact: true }).click()
  await openChartTables(leader)
  await shown(leader, 'stats')
  const board = leader.url()

  // Every tile by a real click.
  const tiles = await leader.locator('.tile').count()
  expect(tiles).toBe(12)
  const kinds: string[] = []
  for (let i = 0; i < tiles; i += 1) {
    kinds.push(await tileLeadsOn(leader, i, board))
    await leader.goto(board)
  }
  expect([kinds.filter((kind) => kind === 'count').length, kinds.filter((kind) => kind === 'rate').length]).toEqual([5, 7])

  // What is counted apart; a nought leads to a list that is empty, and says so.
  await openChartTables(leader)
  const apart = await figuresIn(leader, '.apart')
  expect(apart.linked.length).toBe(8)
  await everyListIsAsLong(leader, apart.linked)

  // All tables, the charts' too: no number stands there that leads nowhere.
  const cells = await figuresIn(leader, tables)
  expect(cells.bare, 'numbers without a list').toEqual([])
  expect(cells.linked.length).toBeGreaterThan(60)
  await everyListIsAsLong(leader, cells.linked)

  // A cell by unit and one by community, by click.
  for (const heading of ['按单位', '按区域']) {
    await leader.goto(board)
    const section = leader.locator('section', { has: leader.getByRole('heading', { name: heading, exact: true }) })
    const cell = section.locator('tbody tr').first().locator('td.num a').first()
    const n = Number(await cell.innerText())
    await cell.click()
    expect(await statedTotal(leader), heading).toBe(n)
    // Its rows over all pages are as many.
    expect((await listed(leader)).length, heading).toBe(n)
  }
  await leader.goto(board)
  const places = leader.locator('section', { has: leader.getByRole('heading', { name: '按区域', exact: true }) })
  expect(await places.locator('tbody tr').count(), 'the communities of the street').toBeGreaterThan(3)

  // A bar and a dot of the charts, by click.
  for (const mark of ['.chart a:has(rect)', '.chart a:has(circle)']) {
    await leader.goto(board)
    const last = leader.locator(mark).last()
    const said = (await last.getAttribute('aria-label')) ?? ''
    await last.focus()
    await leader.keyboard.press('Enter')
    await leader.waitForURL((url) => url.pathname !== '/stats')
    const n = / (\d+)$/.exec(said)?.[1]
    if (n) expect(await statedTotal(leader), said).toBe(Number(n))
  }
})

test('the year, whose lists have many pages, and every figure of the catalogue', async ({ asRole, axe }) => {
  test.setTimeout(420_000)
  const leader = await asRole('songjianping')
  await leader.goto('/stats?from=2025-03-01&to=2026-03-12')
  const tile = leader.locator('.tile').first()
  const n = Number(await tile.locator('b').innerText())
  expect(n, 'more than one page').toBeGreaterThan(50)
  await tile.locator('a').first().click()
  expect(await statedTotal(leader)).toBe(n)
  expect((await listed(leader)).length, 'rows over all pages').toBe(n)

  await leader.goto('/stats')
  const pages = await leader.locator('ul.stack a[href^="/stats/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href') ?? ''))
  expect(pages.length).toBeGreaterThan(17)
  for (const page of pages) {
    for (const by of ['unit', 'place']) {
      await leader.goto(`${page}?by=${by}&from=2026-02-01&to=2026-03-12`)
      if (by === 'unit') await axe(leader)
      const found = await figuresIn(leader, tables)
      expect(found.bare, `${page} by ${by}`).toEqual([])
      await everyListIsAsLong(leader, found.linked)
    }
  }
})

test('a zero denominator is no number', async ({ asRole, shot }) => {
  const leader = await asRole('songjianping')
  await leader.goto('/stats?from=2019-01-01&to=2019-01-31')
  await shot(leader, 'nothing')
  const rates = leader.locator('.tile', { has: leader.locator('.of') })
  expect(await rates.count()).toBe(7)
  for (const value of await rates.locator('b').allInnerTexts()) expect(value.trim()).toBe('—')
  for (const tile of await rates.all()) {
    for (const part of await tile.locator('.of a').allInnerTexts()) expect(part).toBe('0')
  }
  await everyListIsAsLong(leader, (await figuresIn(leader, '.tile, .apart')).linked.filter((f) => f.n === 0))
  await leader.goto('/stats/demand.on_time_rate?from=2019-01-01&to=2019-01-31')
  await expect(leader.locator('tbody td.num').first()).toHaveText('—')
  await expect(leader.locator('main')).not.toContainText('100.0%')
})

test('the wall screen and the strip of the first page count their lists too', async ({ asRole, axe, shown }) => {
  test.setTimeout(420_000)
  const leader = await asRole('songjianping', { viewport: { width: 1920, height: 1080 } })
  await leader.goto('/wall')
  await shown(leader, 'wall')
  await openChartTables(leader)
  for (const part of ['.tile', tables]) {
    const found = await figuresIn(leader, part)
    expect(found.bare, part).toEqual([])
    expect(found.linked.length, part).toBeGreaterThan(4)
    await everyListIsAsLong(leader, found.linked)
  }
  for (const login of ['songjianping', 'linlan', 'guming', 'gaojianguo', 'tangli', 'shenyu', 'wangxiulan']) {
    const page = await asRole(login)
    await page.goto('/')
    await axe(page)
    const strip = page.locator('.strip a')
    const total = await strip.count()
    expect(total).toBeGreaterThan(3)
    for (let i = 0; i < total; i += 1) {
      const said = (await strip.nth(i).innerText()).replace(/\s+/g, ' ')
      const n = Number(await strip.nth(i).locator('b').innerText())
      await strip.nth(i).click()
      await page.waitForURL((url) => url.pathname !== '/')
      expect(await statedTotal(page), `${login}: ${said}`).toBe(n)
      if (new URL(page.url()).pathname === '/cases') expect((await listed(page)).length, `${login}: ${said}`).toBe(n)
      await page.goto('/')
    }
    for (const link of await page.locator('.card-h a').all()) {
      const n = Number(/\d+/.exec(await link.innerText())?.[0])
      const href = (await link.getAttribute('href')) ?? ''
      await everyListIsAsLong(page, [{ where: `${login} beside the inbox`, n, href }])
    }
  }
})
