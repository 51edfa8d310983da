// What somebody may see, asked as programs and people ask it: what several journeys share.
import { type Page, expect } from './index.ts'
import { cellsOf } from './workbook.ts'

/** A case as the list of programs tells it. */
export interface Told {
  id: string
  no: string
  title: string
  state: string
  phase: string
  address: string | null
  community: string | null
  grid: string | null
  lead: string | null
  opened_at: string
}

interface Place {
  id: string
  code: string
  name: string
}

/** JSON by a GET with the person's own session. */
export async function json<T>(page: Page, path: string): Promise<T> {
  const answer = await page.request.get(path)
  expect(answer.status(), `${path}: ${(await answer.text()).slice(0, 300)}`).toBe(200)
  return (await answer.json()) as T
}

/** Asserts that none of these stands anywhere in the page's HTML, seen or not. */
export async function expectNowhere(page: Page, what: string[]): Promise<void> {
  const html = await page.content()
  for (const text of what) expect(html.includes(text), `"${text}" in the HTML of ${page.url()}`).toBe(false)
}

/** What each of these addresses says to somebody, word for word and with its status; workbooks by their cells. */
export async function wordsAt(page: Page, paths: readonly string[]): Promise<Record<string, string>> {
  const out: Record<string, string> = {}
  for (const path of paths) {
    const answer = await page.request.get(path)
    const body = await answer.body()
    const text = path.includes('xlsx') && answer.ok() ? cellsOf(body) : body.toString()
    const words = text.replace(/<(head|script)\b[^]*?<\/\1>|<[^>]*>/g, ' ')
    out[path] = `${answer.status()} ${words.replace(/\s+/g, ' ')}`
  }
  return out
}

/** What the page's own forms are sent with: for a request made by hand. */
export async function csrfOf(page: Page): Promise<string> {
  return (await page.locator('meta[name=csrf]').getAttribute('content')) ?? ''
}

/** All cases somebody's list for programs holds, over all its pages; its total is told too and must agree. */
export async function allCases(page: Page, filter = ''): Promise<Told[]> {
  const out: Told[] = []
  let after = ''
  for (let n = 0; n < 200; n += 1) {
    const path = `/api/v1/cases?limit=100&${filter}&after=${after}`
    const told = await json<{ items: Told[]; next: string | null; total: number }>(page, path)
    out.push(...told.items)
    if (!told.next) {
      expect(out.length, `${path}: rows over all pages`).toBe(told.total)
      return out
    }
    after = told.next
  }
  throw new Error('a list without an end')
}

/** The id of a place by its code. */
export async function placeId(page: Page, code: string): Promise<string> {
  const told = await json<{ items: Place[] } | Place[]>(page, `/api/v1/places?limit=1000`)
  const places = Array.isArray(told) ? told : told.items
  const found = places.find((place) => place.code === code)
  if (!found) throw new Error(`no place ${code} among ${places.length}`)
  return String(found.id)
}

/** The numbers of cases on the list page as it stands, over all its pages. */
export async function listed(page: Page): Promise<string[]> {
  return overPages(page, (rows) => rows.map((row) => /\p{L}+-\d{8}-\w+/u.exec(row.textContent ?? '')?.[0] ?? ''))
}

/** The ids of the cases that the rows of a list lead to, over all its pages. */
export async function listedIds(page: Page): Promise<string[]> {
  return overPages(page, (rows) => rows.map((row) => /\/cases\/(\d+)/.exec(row.querySelector('a')?.getAttribute('href') ?? '')?.[1] ?? ''))
}

async function overPages(page: Page, read: (rows: Element[]) => string[]): Promise<string[]> {
  const out: string[] = []
  for (let n = 0; n < 200; n += 1) {
    out.push(...(await page.locator('#list tbody tr, table.tbl.fold tbody tr').evaluateAll(read)))
    const next = page.locator('.pager a[rel="next"]')
    if ((await next.count()) === 0) return out
    await page.goto((await next.getAttribute('href')) ?? '')
  }
  throw new Error('a list without an end')
}

/** How many records the page of a list says it holds. */
export async function statedTotal(page: Page): Promise<number> {
  const own = page.locator('[data-total]')
  if ((await own.count()) > 0) {
    const value = await own.first().getAttribute('value')
    expect(value, 'the total of a list of records').toMatch(/^\d+$/)
    return Number(value)
  }
  // A page of all cases says it in its head, a queue below its rows.
  const text = (await page.locator('#total, .list .pager > span').first().innerText()).trim()
  const digits = /\d+/.exec(text.replace(/[,\s]/g, ''))?.[0]
  if (digits === undefined) throw new Error(`a list that does not say its length: ${text}`)
  return Number(digits)
}

/** A number on a page and the list it leads to. */
export interface Figure {
  /** Where it stands: for the message when it is wrong. */
  where: string
  n: number
  href: string
}

/** All whole numbers that are links within a part of the page, and whether some stand there without a link. */
export async function figuresIn(page: Page, selector: string): Promise<{ linked: Figure[]; bare: string[] }> {
  return page.locator(selector).evaluateAll((parts) => {
    const linked: { where: string; n: number; href: string }[] = []
    const bare: string[] = []
    for (const part of parts) {
      const row = part.closest('tr')?.querySelector('th')?.textContent ?? part.textContent ?? ''
      const where = row.replace(/\s+/g, ' ').trim()
      for (const a of part.querySelectorAll('a[href]')) {
        const text = (a.querySelector('b') ?? a).textContent?.trim() ?? ''
        const number = /^(?:\D*)(\d+)$/.exec(text)
        if (number) linked.push({ where: `${where}: ${text}`, n: Number(number[1]), href: a.getAttribute('href') ?? '' })
      }
      const rest = part.cloneNode(true) as Element
      for (const a of rest.querySelectorAll('a[href], .delta, .vh, th')) a.remove()
      const text = rest.textContent?.replace(/\s+/g, ' ').trim() ?? ''
      if (/^\d+$/.test(text) && text !== '0') bare.push(`${where}: ${text}`)
    }
    return { linked, bare }
  })
}

/** The length that the list at an address says of itself, read as the page is read. */
export async function totalAt(page: Page, href: string): Promise<number> {
  const told = await page.evaluate(async (address) => {
    const answer = await fetch(address)
    const html = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const own = html.querySelector('[data-total]')?.getAttribute('value')
    return { status: answer.status, text: own ?? html.querySelector('#total, .list .pager > span')?.textContent ?? '' }
  }, href)
  expect(told.status, href).toBe(200)
  const digits = /\d+/.exec(told.text)?.[0]
  if (digits === undefined) throw new Error(`${href}: a list that does not say its length`)
  return Number(digits)
}

/** That every figure is as long as its list. */
export async function everyListIsAsLong(page: Page, figures: Figure[]): Promise<void> {
  const known = new Map<string, number>()
  const wrong: string[] = []
  for (const { where, n, href } of figures) {
    const length = known.get(href) ?? (await totalAt(page, href))
    known.set(href, length)
    if (length !== n) wrong.push(`${where} says ${n}, its list ${href} holds ${length}`)
  }
  expect(wrong, `of ${figures.length} figures`).toEqual([])
}
