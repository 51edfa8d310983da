// Markup in every field of every form: taken as text, shown as text, run by nobody. That nothing was taken for markup is told
// three ways: no element of it exists, nothing of it ran, and the content security policy had nothing to forbid (the harness
// fails on each breach).
import { type Page, expect, test } from './harness/index.ts'
import { course, kindOf, long, look, mark, plant, show } from './harness/attacker.ts'

/** Who fills forms: together they reach every kind of page. */
const people = ['linlan', 'zhouxiaoyun', 'wuhao', 'yuting', 'wangxiulan', 'zhouyan', 'gaojianguo', 'jianglei']

/** Who looks at what they filled in. */
const readers = ['linlan', 'zhouxiaoyun', 'wuhao', 'wangxiulan', 'zhouyan']

/** Files, and what is printed or listens. */
const file = /\/(logout|live|print|qr|qr-sheet|export|file|export\.xlsx)$|\.(xlsx|csv|zip|docx|svg|jpg)$/

/** Every kind of page that somebody reaches by links, shown in the browser; gives how many showed a mark. */
async function walk(page: Page, start: string[], known: Set<string>): Promise<number> {
  const queue = [...start]
  let marked = 0
  for (let path = queue.shift(); path; path = queue.shift()) {
    const kind = kindOf(path)
    if (known.has(kind) || file.test(kind)) continue
    known.add(kind)
    const seen = await show(page, path)
    queue.push(...seen.links)
    if (seen.shown) marked += 1
  }
  return marked
}

test('what a resident writes as markup is text for everybody', async ({ visitor, asRole }) => {
  const resident = await visitor()
  await resident.goto('/p')
  const gone = course()
  await plant(resident, ['/p', '/p/track', '/m'], gone)
  console.log(`${gone.taken.size} of ${gone.forms.size} kinds of forms taken: ${[...gone.taken].join(', ')}`)
  expect([...gone.taken].filter((kind) => kind.startsWith('post /p/'))).not.toEqual([])
  await walk(resident, ['/p'], new Set())
  const desk = await asRole('linlan')
  await desk.goto('/cases')
  expect((await show(desk, '/cases?q=injected')).shown, 'the list of cases shows it as text').toBe(true)
})

/** Whose pages show what they made. */
const made = new Map<string, string[]>()

test('every field of every form takes markup as text', async ({ asRole }) => {
  const gone = course()
  for (const login of people) {
    gone.made.clear()
    await plant(await asRole(login), ['/', '/cases'], gone)
    made.set(login, [...gone.made])
  }
  console.log(`${gone.forms.size} kinds of forms filled, ${gone.taken.size} taken`)
  expect(gone.forms.size).toBeGreaterThan(60)
  expect(gone.taken.size).toBeGreaterThan(40)
})

test('every page shows as text what was filled in as markup', async ({ asRole }) => {
  const known = new Set<string>()
  let marked = 0
  for (const [login, pages] of made) {
    const page = await asRole(login)
    for (const path of pages) marked += (await show(page, path)).shown ? 1 : 0
    if (readers.includes(login)) marked += await walk(page, ['/', '/cases'], known)
  }
  console.log(`${known.size} kinds of pages shown, ${marked} with marks`)
  expect(known.size).toBeGreaterThan(40)
  expect(marked).toBeGreaterThan(8)
})

test('what stands in an address is text on the page', async ({ asRole, visitor }) => {
  const names = ['q', 'next', 'back', 'from', 'to', 'where', 'place', 'matter', 'unit', 'kind', 'class', 'phase', 'sort', 'day', 'month', 'tab', 'key', 'by', 'side', 'figure', 'after', 'no', 'code', 'text', 'title', 'lang', 'due']
  const query = names.map((name) => `${name}=${encodeURIComponent(name === 'q' ? long : mark)}`).join('&')
  const resident = await visitor()
  for (const path of ['/p', '/p/track', '/login', '/m', '/p/privacy', `/p/${encodeURIComponent(mark)}`, `/${encodeURIComponent(mark)}`]) await show(resident, `${path}?${query.replace(/&lang=[^&]*/, '')}`)
  const desk = await asRole('linlan')
  for (const path of ['/cases', '/queue/accept', '/board', '/stats', '/knowledge', '/matters', '/duty', '/places', '/units', '/posts', '/tasks', '/messages', '/roster', '/documents', '/intake', '/upstream', '/history', `/cases/${encodeURIComponent(mark)}`]) {
    await show(desk, `${path}?${query.replace(/&lang=[^&]*/, '')}`)
    for (const name of names.slice(0, 6)) await look(desk, `${path}?${name}=${encodeURIComponent(long)}`).then((seen) => expect(seen.injected, `${path} ${name}`).toEqual([]))
  }
})

test('what is suggested, kept and repeated while somebody types is text as well', async ({ asRole, visitor }) => {
  const desk = await asRole('linlan')
  await desk.goto('/intake')
  const said = desk.locator('textarea.intake-notes').first()
  await said.fill(`${mark}路灯不亮，井盖坏了，柳溪路 ${long}`)
  await said.press('End')
  await desk.waitForTimeout(1_500)
  // The draft that this browser kept is laid into the form again.
  await desk.goto('/board')
  await desk.goto('/intake')
  await desk.waitForTimeout(500)
  expect(await desk.evaluate(() => '__x' in window || document.querySelector('.injected') !== null)).toBe(false)
  const resident = await visitor()
  await resident.goto('/p')
  const link = await resident.locator('a[href^="/p/at/"], a[href^="/p/"]').first().getAttribute('href')
  await resident.goto(link ?? '/p')
  const field = resident.locator('textarea[name=text]').first()
  if (await field.count()) {
    await field.fill(long)
    await resident.waitForTimeout(1_500)
    await resident.reload()
    await resident.waitForTimeout(500)
  }
  expect(await resident.evaluate(() => '__x' in window || document.querySelector('.injected') !== null)).toBe(false)
})
