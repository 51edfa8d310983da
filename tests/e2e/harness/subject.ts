// A report of a grid and whom it is about, and that it is not there for somebody.
import { type Fixtures, type Page, expect, phone } from './index.ts'
import { ask } from './direct.ts'
import { picture } from './picture.ts'
import { type Matter, type Receipt, choose, idOf, open, recognise, report, send } from './round.ts'
import { csrfOf, json, listedIds, placeId } from './sight.ts'

/** The community that is complained about, one of its grids, and its people there. */
export const community = '东苑社区'
const grid = '999901001002001'
export const secretary = 'zhangguifang'
export const theirs = [secretary, 'maxiaoli', 'xujianjun'] as const

/** By the duty list the community itself leads this. */
export const noise: Matter = { words: '广场舞', code: 'L16003' }

/** A report, and what of it can be asked for. */
export interface It extends Receipt {
  id: string
  text: string
  photo: string
}

/** A resident of the grid says something, with a picture. */
export async function said(visitor: Fixtures['visitor'], desk: Page, text: string): Promise<It> {
  const resident = await visitor(phone)
  await resident.goto(`/p/at/${await placeId(desk, grid)}`)
  const receipt = await report(resident, { text, phone: '19900002077', photo: picture(70) })
  await desk.goto('/cases')
  const id = await idOf(desk, receipt.no)
  const { photos } = await ask<{ photos: { id: string }[] }>(desk, `cases/${id}`)
  return { ...receipt, id, text, photo: photos[0]!.id }
}

/** In a form that asks whom it is about: about a unit. */
export async function about(form: ReturnType<Page['locator']>, unit = community): Promise<void> {
  await form.locator('[name=subject][value=unit]').check()
  await form.locator('[name=subject_unit]').selectOption({ label: unit })
}

/** Accepts it as a complaint about the community. */
export async function acceptAbout(desk: Page, no: string, matter: Matter, urgent = false): Promise<void> {
  await choose(desk, '/queue/accept', no)
  const form = await open(desk, '受理')
  await recognise(form, matter)
  await about(form)
  if (urgent) await form.getByLabel(/列为紧急/).check()
  await send(form, '受理', no)
}

/** That somebody finds nothing of it by number, words or address: it is as if it were not there. */
export async function isNotThere(page: Page, it: It): Promise<void> {
  await page.goto('/cases')
  const form = { csrf: await csrfOf(page), note: '看看' }
  for (const q of [it.no, it.no.replace(/^\D+/, ''), it.text, it.text.slice(0, 6)]) {
    await page.goto(`/cases?q=${encodeURIComponent(q)}`)
    expect(new URL(page.url()).pathname, q).toBe('/cases')
    expect(await listedIds(page), q).not.toContain(it.id)
  }
  for (const path of ['', '/print', '/act/sign', '/act/pass', '/documents', '/hands', '/do/merge']) {
    const [asked, nowhere] = await Promise.all([it.id, '999999999999'].map((id) => page.request.get(`/cases/${id}${path}`)))
    expect(asked!.status(), path).toBe(nowhere!.status())
    expect([403, 404], path).toContain(asked!.status())
  }
  for (const path of [`/cases/${it.id}`, `/api/v1/cases/${it.id}`, `/files/${it.id}/${it.photo}`]) {
    expect((await page.request.get(path)).status(), path).toBe(404)
  }
  const written = await page.request.post(`/cases/${it.id}/act/note`, { form, headers: { origin: new URL(page.url()).origin } })
  expect(written.status(), 'nor does it take a word').toBe(404)
  expect(await json(page, `/live/poll?keys=case:${it.id}`), 'nor is it heard of').toEqual({ [`case:${it.id}`]: 0 })
}
