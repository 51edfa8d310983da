// Whether a page speaks English: Chinese that is no data is a word somebody forgot to translate.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Page, expect } from './index.ts'
import { allCases, json } from './sight.ts'

const demo = join(import.meta.dirname, '../../../demo')
const packs = join(import.meta.dirname, '../../../packs/demands')

/** Names and texts of the demo office: what stays Chinese on an English page because people wrote it. */
export async function dataOf(staff: Page): Promise<string[]> {
  const units = await json<{ items: { name: string; short: string }[] }>(staff, '/api/v1/units?limit=200')
  const places: { name: string; label: string }[] = []
  for (let after = '', n = 0; n < 20; n += 1) {
    const page = await json<{ items: { name: string; label: string }[]; next: string | null }>(staff, `/api/v1/places?limit=200&after=${after}`)
    places.push(...page.items)
    if (!page.next) break
    after = page.next
  }
  const told = await allCases(staff)
  const rows = (file: string) => readFileSync(file, 'utf8').split(/[\n,"|]/).map((cell) => cell.trim())
  const people = readFileSync(join(demo, 'staff.csv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split(','))
  return [
    '青禾街道',
    '静澜区12345诉求平台',
    ...told.flatMap((c) => [c.title, c.address ?? '']),
    ...rows(join(demo, 'landmarks.csv')),
    ...rows(join(packs, 'duty.csv')),
    // Kinds of duty that the office has named itself.
    ...[...readFileSync(join(demo, 'duty.toml'), 'utf8').matchAll(/_kind = "([^"]+)"/g)].map((kind) => kind[1] ?? ''),
    ...units.items.flatMap((u) => [u.name, u.short]),
    ...places.flatMap((p) => [p.name, p.label]),
    ...people.flatMap((p) => [p[1] ?? '', ...(p[3] ?? '').split('|').map((post) => post.split('@')[0] ?? '')]),
  ].filter((text) => /\p{Script=Han}/u.test(text))
}

/**
 * Chinese on the page that is no data, with where it stands. Elements that hold what people wrote are left out by
 * `written`; the switch to Chinese is marked with its language.
 */
export async function leftovers(page: Page, data: string[], written: string): Promise<string[]> {
  const known = [...new Set(data)].sort((a, b) => b.length - a.length)
  return page.evaluate(
    ({ known, written }) => {
      const han = /\p{Script=Han}/u
      const out: string[] = []
      // What somebody wrote is quoted elsewhere on the page, too.
      for (const element of document.querySelectorAll('.said, .what, .case-title, td .t')) known.push(element.textContent?.trim() ?? '')
      known.sort((a, b) => b.length - a.length)
      const tell = (text: string, element: Element, what: string) => {
        if (/\[[a-z]+(-[a-z_]+)+\]/.test(text)) out.push(`a word that is missing, ${what}: ${text.trim()}`)
        if (!han.test(text)) return
        let rest = text.replace(/青禾-(\d{8}|…)/g, '').replace(/\p{Script=Han}\*+/gu, '')
        for (const name of known) if (name !== '') rest = rest.replaceAll(name, '')
        if (!han.test(rest)) return
        const name = `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''}.${element.className}`
        out.push(`${what} of ${name}: ${text.replace(/\s+/g, ' ').trim().slice(0, 120)}`)
      }
      const skipped = (element: Element) => element.closest(`[lang^="zh"], script, style, datalist, ${written}`) !== null
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement
        if (element && !skipped(element)) tell(node.nodeValue ?? '', element, 'text')
      }
      for (const element of document.body.querySelectorAll('*')) {
        if (skipped(element)) continue
        for (const name of ['placeholder', 'aria-label', 'title', 'alt', 'data-confirm']) tell(element.getAttribute(name) ?? '', element, name)
      }
      tell(document.title, document.documentElement, 'title')
      return out
    },
    { known, written },
  )
}

/** What people wrote, by where pages put it. */
const written = '.said, .payload, .t, td[data-th="Text"], .case-title, [data-open], .row .m, .what, textarea'

/** Fails with all forgotten words of the page. */
export async function speaksEnglish(page: Page, data: string[]): Promise<void> {
  expect(await page.locator('html').getAttribute('lang'), page.url()).toBe('en')
  expect(await leftovers(page, data, written), `Chinese on ${page.url()}`).toEqual([])
}
