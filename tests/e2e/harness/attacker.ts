// Somebody who writes markup into everything: fills every form that a person reaches, and looks whether any of it was taken
// for markup.
import { type Page, expect } from './index.ts'
import { picture } from './picture.ts'
import { workbook } from './workbook.ts'

/** Closes what it may stand in, and then makes an element that can be counted. */
export const mark = `"'><b class=injected>`
/** The same with everything that runs, for fields that take a longer text. */
export const long = `${mark}<img src=x onerror=window.__x=1></b></textarea></title></script><script>window.__x=1</script><svg onload=window.__x=1><a href="javascript:window.__x=1">y</a>{{7*7}}\${7*7}\u202e倒写`

/** Forms whose success would end the session, lock somebody out or take away what the others are to show. */
const left = /\/(logout|login|lang|language|sessions|password|totp|lock|leave|end|retire|cut|active|discard|delete|withdraw|erase|void|lock|unlock|phones|renew|token)(\/|$)/

export interface Form {
  action: string
  method: string
  multipart: boolean
  fields: { name: string; value: string; kind: string; options: string[] }[]
}

export interface Seen {
  status: number
  /** Whether it is a page, no file. */
  page: boolean
  /** Where it leads on to: what was made, if anything was. */
  next: string
  links: string[]
  forms: Form[]
  injected: string[]
}

/** Reads a page as a browser would, without running it: its links, its forms, and elements that came of a mark. */
export async function read(page: Page, html: string): Promise<Omit<Seen, 'status' | 'page' | 'next'>> {
  return page.evaluate((text) => {
    const tree = new DOMParser().parseFromString(text, 'text/html')
    const attribute = (element: Element, name: string) => element.getAttribute(name) ?? ''
    const bad = [...tree.querySelectorAll('.injected, [onerror], [onload], img[src=x], script:not([nonce]), [href^="javascript:" i]')]
    return {
      links: [...tree.querySelectorAll('[href], [data-live-src], [data-hx-get]')]
        .map((e) => attribute(e, 'href') || attribute(e, 'data-live-src') || attribute(e, 'data-hx-get'))
        .filter((to) => to.startsWith('/') && !to.startsWith('/assets/')),
      forms: [...tree.querySelectorAll('form')].map((form) => ({
        action: attribute(form, 'action'),
        method: attribute(form, 'method').toLowerCase() || 'get',
        multipart: attribute(form, 'enctype').includes('multipart'),
        fields: [...form.elements].map((e) => {
          const field = e as HTMLInputElement
          const options = [...((e as unknown as HTMLSelectElement).options ?? [])].map((o) => o.value)
          return { name: field.name ?? '', value: field.value ?? '', kind: field.type ?? '', options }
        }),
      })),
      injected: bad.map((e) => e.outerHTML.slice(0, 160)),
    }
  }, html)
}

/** The kind of an address, so that one of each is enough: without numbers, codes of places and tokens of links. */
export const kindOf = (path: string): string =>
  (path.split(/[?#]/)[0] ?? '').replace(/\d+/g, '0').replace(/\/(?=[^/]*[0A-Z])[\w%-]{6,}(?=\/|$)/g, '/0')

/** What a field is given; where `mild`, those that take numbers and names of things only are left as they stand. */
function filled(field: Form['fields'][number], mild: boolean): string | null {
  const strict = /^(tel|email|url)$/.test(field.kind) || /code|pin|phone|login|limit|idem|csrf|at$|day|from|until|lon|lat|version|number|colour|pattern|url/.test(field.name)
  if (mild && strict) return field.value
  if (field.kind === 'hidden') return field.value
  if (field.kind === 'submit' || field.kind === 'button' || field.kind === 'file') return null
  if (field.kind.startsWith('select')) return field.options.find((value) => value !== '') ?? ''
  if (field.kind === 'radio' || field.kind === 'checkbox') return field.value
  if (field.kind === 'date') return '2026-03-20'
  if (field.kind === 'month') return '2026-03'
  if (field.kind === 'time') return '09:45'
  if (field.kind === 'datetime-local') return '2026-03-12T09:10'
  if (field.kind === 'number') return '1'
  return field.kind === 'textarea' ? long : mark
}

type Part = string | { name: string; mimeType: string; buffer: Buffer }

/** Sends a form as its page would, with marks in every field that takes a text, and gives what came back. */
export async function send(page: Page, from: string, form: Form, mild: boolean): Promise<Seen> {
  const origin = new URL(page.url()).origin
  const parts = new Map<string, Part>()
  for (const field of form.fields) {
    const value = field.name === '' ? null : filled(field, mild)
    if (value !== null && !(field.kind === 'radio' && parts.has(field.name))) parts.set(field.name, value)
    if (field.kind !== 'file' || field.name === '') continue
    const sheet = workbook([[mark, '工单编号', '诉求内容'], [mark, mark, long]])
    const photo = /photo|scan/.test(field.name)
    parts.set(field.name, { name: photo ? `${mark}.png` : `${mark}.xlsx`, mimeType: 'image/png', buffer: photo ? picture(90) : sheet })
  }
  const target = new URL(form.action || from, origin)
  const values = Object.fromEntries(parts) as Record<string, string>
  if (form.method === 'get') {
    for (const [name, value] of Object.entries(values)) if (typeof value === 'string') target.searchParams.set(name, value)
    return look(page, target.pathname + target.search)
  }
  const body = form.multipart ? { multipart: values } : { form: values }
  const answer = await page.request.post(target.href, { headers: { origin }, maxRedirects: 0, failOnStatusCode: false, ...body })
  return { status: answer.status(), page: true, next: answer.headers().location ?? '', ...(await read(page, (await answer.text()) || '')) }
}

/** Asks for a page without showing it. */
export async function look(page: Page, path: string): Promise<Seen> {
  const answer = await page.request.get(path, { maxRedirects: 3 })
  const kind = answer.headers()['content-type'] ?? ''
  const html = kind.startsWith('text/html') ? await answer.text() : ''
  return { status: answer.status(), page: html !== '', next: '', ...(await read(page, html)) }
}

/** What was gone through already, by all who look. */
export interface Course {
  pages: Set<string>
  forms: Map<string, number>
  taken: Set<string>
  /** Pages of what was made. */
  made: Set<string>
}

export const course = (): Course => ({ pages: new Set(), forms: new Map(), taken: new Set(), made: new Set() })

/** Fills every form of every kind of page that somebody reaches and nobody before them has filled. */
export async function plant(page: Page, start: string[], { pages, forms, taken, made }: Course): Promise<void> {
  const queue = [...start]
  // The first pages differ with whoever looks.
  start.forEach((path) => pages.delete(kindOf(path)))
  for (let path = queue.shift(); path; path = queue.shift()) {
    const at = kindOf(path)
    if (pages.has(at) || left.test(at) || /\.(xlsx|csv|zip|docx|svg|jpg)$/.test(at)) continue
    pages.add(at)
    const seen = await look(page, path)
    expect(seen.status, path).toBeLessThan(500)
    expect(seen.injected, path).toEqual([])
    queue.push(...seen.links)
    for (const form of seen.forms) {
      const kind = `${form.method} ${kindOf(form.action || path)}`
      const times = forms.get(kind) ?? 0
      if (times >= 2 || left.test(kindOf(form.action || path))) continue
      forms.set(kind, times + 1)
      for (const mild of [false, true]) {
        const answer = await send(page, path, form, mild)
        expect(answer.status, `${kind} of ${path}`).toBeLessThan(500)
        expect(answer.injected, `${kind} of ${path}`).toEqual([])
        if (answer.status >= 400) continue
        taken.add(kind)
        queue.push(...answer.links)
        if (answer.next.startsWith('/')) made.add(answer.next)
        break
      }
    }
  }
}

/** Shows a page in the browser, looks for what of the marks became elements there, and says whether it shows a mark. */
export async function show(page: Page, path: string): Promise<{ shown: boolean; links: string[] }> {
  const answer = await page.goto(path, { waitUntil: 'load' }).catch((error: Error) => {
    if (/download is starting/i.test(error.message)) return null
    throw error
  })
  if (!(answer?.headers()['content-type'] ?? '').startsWith('text/html')) return { shown: false, links: [] }
  const found = await page.evaluate(() => ({
    ran: '__x' in window,
    injected: [...document.querySelectorAll('.injected, [onerror], [onload], img[src=x], a[href^="javascript:" i]')].map((e) => e.outerHTML.slice(0, 160)),
    shown: document.body.innerText.includes('injected') || [...document.querySelectorAll('input, textarea')].some((e) => (e as HTMLInputElement).value.includes('injected')),
    links: [...document.querySelectorAll('a[href]')].map((a) => a.getAttribute('href') ?? '').filter((to) => to.startsWith('/')),
  }))
  expect(found.ran, `something ran on ${path}`).toBe(false)
  expect(found.injected, path).toEqual([])
  return found
}
