import { type Page, at, expect, phone, test } from './harness/index.ts'
import { act, openCase } from './harness/round.ts'
import { type Told, allCases, csrfOf, json, listed, listedIds, placeId, statedTotal } from './harness/sight.ts'

const community = '999901001001'
const grid = '999901001001007'
const from = '2025-06-01'
const to = '2026-03-12'

/** A page's words, without what differs between any two answers: nonces, keys, tokens, addresses of what was asked. */
function plain(html: string, id: string): string {
  return html
    .replace(/<head>[\s\S]*?<\/head>/, '')
    .replace(/ (nonce|value|data-csrf|content|href)="[^"]*"/g, '')
    .replaceAll(id, '')
}

interface Whole extends Told {
  assignments: { unit: string; state: string }[]
}

/** The cases of a place as the leader, who sees the whole office, can count them; and one case elsewhere. */
async function truth(leader: Page, place: { community?: string; grid?: string; unit?: string }) {
  const all = await allCases(leader)
  expect(all.length, 'the demo office has cases').toBeGreaterThan(60)
  const own: string[] = []
  const ids = new Set<string>()
  const other: Told[] = []
  for (const one of all) {
    const here = place.grid ? String(one.grid) === place.grid : String(one.community) === place.community
    let theirs = here
    if (!here && place.unit) {
      const whole = await json<Whole>(leader, `/api/v1/cases/${one.id}`)
      theirs = whole.assignments.some((a) => String(a.unit) === place.unit && a.state !== 'off')
    }
    if (theirs) {
      own.push(one.no)
      ids.add(one.id)
    } else other.push(one)
  }
  expect(own.length, 'cases of the place').toBeGreaterThan(0)
  expect(other.length, 'cases elsewhere').toBeGreaterThan(20)
  return { own: new Set(own), ids, other }
}

/** Whether a case may be about somebody or of a class that its own people are shut out of. */
async function closedTo(page: Page, no: string): Promise<boolean> {
  await page.goto(`/cases?q=${encodeURIComponent(no)}`)
  return (await page.locator('[data-item]').count()) === 0
}

/** That nothing of cases elsewhere is told, by whichever address. */
async function shutOut(page: Page, other: Told[], photos: { case: string; id: string }[]) {
  const absent = '999999999999'
  for (const one of other.slice(0, 8)) {
    for (const path of ['/cases/ID', '/cases/ID/print', '/cases/ID/act/accept', '/cases/ID/act/progress', '/api/v1/cases/ID']) {
      const asked = await page.request.get(path.replace('ID', one.id))
      const nowhere = await page.request.get(path.replace('ID', absent))
      expect(asked.status(), `${path} of ${one.no}`).toBe(404)
      expect(nowhere.status(), `${path} of no case`).toBe(404)
      expect(plain(await asked.text(), one.id), `${path} of ${one.no}: the same as not there`).toBe(plain(await nowhere.text(), absent))
    }
    await page.goto(`/cases?q=${encodeURIComponent(one.no)}`)
    expect(new URL(page.url()).pathname, 'a whole number opens its case; this one is not there').toBe('/cases')
    expect(await listed(page)).not.toContain(one.no)
    await page.goto(`/cases?q=${encodeURIComponent(one.title)}`)
    expect(await listed(page), `searching ${one.title}`).not.toContain(one.no)
  }
  expect(photos.length, 'pictures elsewhere').toBeGreaterThan(0)
  for (const photo of photos) {
    for (const path of [`/files/${photo.case}/${photo.id}`, `/files/${photo.case}/${photo.id}?small=1`]) {
      expect((await page.request.get(path)).status(), path).toBe(404)
    }
  }
}

/** Pictures of some of these cases, as the leader finds them. */
async function pictures(leader: Page, cases: Told[], most: number) {
  const out: { case: string; id: string }[] = []
  for (const one of cases) {
    const whole = await json<{ photos: { id: string }[] }>(leader, `/api/v1/cases/${one.id}`)
    for (const photo of whole.photos) {
      out.push({ case: one.id, id: photo.id })
      expect((await leader.request.get(`/files/${one.id}/${photo.id}`)).status(), 'the leader sees it').toBe(200)
    }
    if (out.length >= most) break
  }
  return out
}

/** Keys of the live stream's messages for so long. */
async function heard(page: Page, ms: number): Promise<string[]> {
  return page.evaluate(
    (wait) =>
      new Promise<string[]>((resolve) => {
        const keys: string[] = []
        const source = new EventSource('/live')
        source.addEventListener('v', (event) => keys.push(...Object.keys(JSON.parse((event as MessageEvent<string>).data) as object)))
        setTimeout(() => {
          source.close()
          resolve(keys)
        }, wait)
      }),
    ms,
  )
}

const isOpen = (one: Told) => !['closed', 'refused', 'ended'].includes(one.phase)

/** On the page of their figures: that these, the lists behind them and the files tell of their own. */
async function countsOwn(secretary: Page, leader: Page, ids: Set<string>, theirOpen: number): Promise<void> {
  const received = await json<{ rows: { numerator: number }[] }>(secretary, `/api/v1/stats/demand.received?from=${from}&to=${to}`)
  const tile = secretary.locator('.tile').first()
  await expect(tile.locator('b')).toHaveText(String(received.rows[0]?.numerator))
  await tile.locator('a').first().click()
  // A report that was merged keeps its number, and counts where its case is.
  const records = await listedIds(secretary)
  expect(records.length).toBe(received.rows[0]?.numerator)
  expect(records.filter((id) => !ids.has(id)), 'records of other places behind a figure').toEqual([])
  const open = await json<{ rows: { numerator: number }[] }>(secretary, '/api/v1/stats/demand.open')
  expect(open.rows[0]?.numerator).toBeLessThanOrEqual(theirOpen)
  const whole = await json<{ rows: { numerator: number }[] }>(leader, '/api/v1/stats/demand.open')
  expect(open.rows[0]?.numerator).toBeLessThan(whole.rows[0]?.numerator ?? 0)
  // Broken down by place they read their own grids; what they help with elsewhere is told by its own place.
  const byPlace = await json<{ rows: { key: string; label: string; numerator: number }[] }>(
    secretary,
    `/api/v1/stats/demand.received?by=place&from=${from}&to=${to}`,
  )
  expect(byPlace.rows.some((row) => row.key.startsWith(community) && row.key.length > community.length), JSON.stringify(byPlace.rows)).toBe(true)
  expect(byPlace.rows.reduce((sum, row) => sum + row.numerator, 0)).toBe(received.rows[0]?.numerator)
  // A place elsewhere gives nothing but what they help with there.
  const elsewhere = await json<{ rows: { numerator: number }[] }>(secretary, `/api/v1/stats/demand.received?place=999901001003&from=${from}&to=${to}`)
  const theirThere = await allCases(secretary, 'place=999901001003')
  expect(elsewhere.rows[0]?.numerator).toBeLessThanOrEqual(theirThere.length)
  const csv = await secretary.request.get(`/stats/demand.received/file?format=csv&by=none&from=${from}&to=${to}`)
  expect(csv.status()).toBe(200)
  expect((await csv.text()).trim().split('\n').pop()).toContain(`,${received.rows[0]?.numerator},`)
  const xlsx = await secretary.request.get(`/stats/demand.received/file?format=xlsx&by=place&from=${from}&to=${to}`)
  expect(xlsx.status()).toBe(200)
  expect((await xlsx.body()).subarray(0, 2).toString()).toBe('PK')
  // The list itself leaves the house only with the right to it.
  const taken = await secretary.request.post('/cases/export', {
    form: { csrf: await csrfOf(secretary), query: '' },
    headers: { origin: new URL(secretary.url()).origin },
  })
  expect(taken.status()).toBe(403)

  // The places they may choose in figures are their own.
  await secretary.goto('/stats')
  const offered = await secretary.locator('#f-place option').evaluateAll((all) => all.map((o) => (o as HTMLOptionElement).value))
  expect(offered.filter((code) => code !== '' && !code.startsWith(community))).toEqual([])
}

/** That the live stream tells of their cases and of no other, while somebody acts on both. */
async function hearsOwn(secretary: Page, leader: Page, mover: Page, theirOpen: Told[], other: Told[]): Promise<void> {
  const others = new Set(other.map((c) => `case:${c.id}`))
  const listening = heard(secretary, 25_000)
  const ours = heard(leader, 25_000)
  const [inside, outside] = [theirOpen.find((c) => c.lead), other.find((c) => c.lead && isOpen(c))]
  if (!inside || !outside) throw new Error('no open case inside and outside')
  for (const one of [inside, outside]) {
    await openCase(mover, one.no)
    await act(mover, '督办', { 督办要求: '请今天反馈进展。' })
  }
  const all = await ours
  expect(all).toContain(`case:${inside.id}`)
  expect(all).toContain(`case:${outside.id}`)
  const news = await listening
  expect(news).toContain(`case:${inside.id}`)
  expect(news.filter((key) => others.has(key)), 'cases elsewhere in the live stream').toEqual([])
  const polled = await json<Record<string, number>>(secretary, `/live/poll?keys=case:${inside.id},case:${outside.id}`)
  expect(polled[`case:${inside.id}`]).toBeGreaterThan(0)
  expect(polled[`case:${outside.id}`]).toBe(0)
}

test('a community secretary sees and counts only their own place', async ({ asRole, setClock, shown }) => {
  test.setTimeout(300_000)
  const leader = await asRole('songjianping')
  const secretary = await asRole('wangxiulan')
  const units = await json<{ items: { id: string; code: string }[] }>(leader, '/api/v1/units?limit=200')
  const unit = String(units.items.find((u) => u.code === 'c-liuxi')?.id)
  const place = await placeId(leader, community)
  const { own, ids, other } = await truth(leader, { community: place, unit })

  // The list, to its last page, and the same list for programs.
  await secretary.goto('/cases')
  await shown(secretary, 'list')
  const total = await statedTotal(secretary)
  const seen = await listed(secretary)
  expect(seen.length, 'rows of the list over all pages').toBe(total)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.filter((no) => !own.has(no)), 'cases of other places in the list').toEqual([])
  const told = await allCases(secretary)
  expect(told.map((c) => c.no).sort(), 'the API lists what the page lists').toEqual([...seen].sort())
  // What is theirs and yet not shown is shown to nobody of theirs: about them, or confidential.
  for (const no of [...own].filter((no) => !seen.includes(no))) expect(await closedTo(secretary, no)).toBe(true)
  expect(seen.length / own.size, 'they see nearly all of their place').toBeGreaterThan(0.8)

  // Narrowed to another place, or to everything, the list stays within.
  await secretary.goto('/cases?place=999901001003')
  expect((await listed(secretary)).filter((no) => !own.has(no))).toEqual([])
  await secretary.goto('/cases?where=true')
  expect((await listed(secretary)).sort()).toEqual([...seen].sort())
  for (const filter of ['place=999901001003', 'where=true', 'phase=open', 'due=late', 'figure=demand.received', 'figure=demand.open']) {
    const answer = await secretary.request.get(`/api/v1/cases?limit=200&${filter}`)
    if (answer.status() !== 200) continue
    const { items } = (await answer.json()) as { items: Told[] }
    expect(items.filter((c) => !own.has(c.no)).map((c) => c.no), filter).toEqual([])
  }

  await shutOut(secretary, other, await pictures(leader, other, 6))

  const theirOpen = told.filter(isOpen)
  await secretary.goto(`/stats?from=${from}&to=${to}`)
  await shown(secretary, 'figures')
  await countsOwn(secretary, leader, ids, theirOpen.length)
  setClock(at('09:40'))
  await hearsOwn(secretary, leader, await asRole('songjianping'), theirOpen, other)
})

test('a grid worker sees only their grid', async ({ asRole, shown }) => {
  test.setTimeout(300_000)
  const leader = await asRole('songjianping')
  const worker = await asRole('chenli', phone)
  const { own, other } = await truth(leader, { grid: await placeId(leader, grid) })
  await worker.goto('/')
  await shown(worker, 'grid-home')
  await expect(worker.getByRole('link', { name: '现场上报' }).last()).toBeVisible()
  await worker.goto('/cases')
  await shown(worker, 'grid-list')
  const seen = await listed(worker)
  expect(seen.length).toBe(await statedTotal(worker))
  expect(seen.filter((no) => !own.has(no))).toEqual([])
  expect((await allCases(worker)).map((c) => c.no).sort()).toEqual([...seen].sort())
  await shutOut(worker, other, await pictures(leader, other, 3))
  // Cases of the same community, another grid, are elsewhere too; figures are not theirs.
  const place = await placeId(leader, community)
  const neighbours = other.filter((c) => String(c.community) === place)
  expect(neighbours.length).toBeGreaterThan(0)
  expect((await worker.request.get('/api/v1/stats/demand.open')).status()).toBe(403)
  expect((await worker.request.get('/stats')).status()).toBe(403)
  expect((await worker.request.get('/wall')).status()).toBe(403)
  const keys = new Set(other.map((c) => `case:${c.id}`))
  expect((await heard(worker, 3_000)).filter((key) => keys.has(key))).toEqual([])
  // The strip of the first page counts lists of their own.
  await worker.goto('/')
  const counts = await worker.locator('.strip a').evaluateAll((all) => all.map((a) => [a.querySelector('b')?.textContent ?? '', a.getAttribute('href') ?? '']))
  for (const [count, href] of counts) {
    if (!href?.startsWith('/cases')) continue
    await worker.goto(href)
    expect(await statedTotal(worker), href).toBe(Number(count))
  }
})
