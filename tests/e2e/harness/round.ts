// The round of a case, act by act, as the people of the demo office play it: what several journeys share.
import { type Page, expect } from './index.ts'
import { picture } from './picture.ts'

/** A phone held upright. */
export const phone = { width: 390, height: 844 }

/** What a resident keeps: with both one follows the case. */
export interface Receipt {
  no: string
  code: string
}

/** The public address of a place's QR card, read from the card a member of staff prints. */
export async function qrAddress(staff: Page, place: string): Promise<string> {
  await staff.goto(`/places?q=${encodeURIComponent(place)}`)
  await staff.getByRole('link', { name: place, exact: true }).first().click()
  await staff.getByRole('link', { name: '二维码', exact: true }).click()
  const address = await staff.locator('.qr-card svg').first().getAttribute('aria-label')
  const path = /\/p\/[^/\s]+$/.exec(address ?? '')?.[0]
  if (!path) throw new Error(`the card of ${place} carries no public address: ${address}`)
  return path
}

/** Reports at a place's public page and reads the receipt. */
export async function report(
  resident: Page,
  path: string,
  said: { text: string; where?: string; phone?: string; photo?: Buffer },
): Promise<Receipt> {
  await resident.goto(path)
  await resident.getByLabel('您要反映什么事？').fill(said.text)
  if (said.photo) {
    const file = { name: 'IMG_0312.png', mimeType: 'image/png', buffer: said.photo }
    await resident.locator('input[name=photos]').setInputFiles(file)
  }
  if (said.where) await resident.getByLabel('具体在哪里').fill(said.where)
  if (said.phone) {
    await resident.getByLabel('电话').first().fill(said.phone)
    await resident.getByLabel('办完给我回话').check()
  }
  await resident.getByRole('button', { name: '提交' }).click()
  await expect(resident.locator('#code')).toBeVisible()
  const no = (await resident.locator('#no').textContent())?.trim() ?? ''
  const code = (await resident.locator('#code').textContent())?.trim() ?? ''
  expect(no).toMatch(/^青禾-\d{8}-\d{4}$/)
  expect(code.replace(/\s/g, '')).toMatch(/^[0-9A-Z]{8}$/)
  return { no, code }
}

/** Opens the progress by number and code, typed by hand as from a slip of paper. */
export async function follow(resident: Page, receipt: Receipt): Promise<void> {
  await resident.goto('/p/track')
  await resident.getByLabel('编号').fill(receipt.no.replace(/^\D+/, ''))
  await resident.getByLabel('查询码', { exact: true }).fill(receipt.code.toLowerCase())
  await resident.getByRole('button', { name: '查询' }).click()
  await expect(resident.locator('.promise')).toBeVisible()
}

/** Opens a case from the queue of a desk. */
export async function choose(staff: Page, queue: string, no: string): Promise<void> {
  const id = await idOf(staff, no)
  await staff.goto(queue)
  await staff.locator(`[data-item="${id}"]`).click()
  await expect(staff.locator(`.detail-in[data-for="${id}"]`)).toBeVisible()
}

/** The id of a case: whoever searches for its whole number arrives at it. */
export async function idOf(staff: Page, no: string): Promise<string> {
  await staff.goto(`/cases?q=${encodeURIComponent(no)}`)
  const id = /\/cases\/(\d+)$/.exec(new URL(staff.url()).pathname)?.[1]
  if (!id) throw new Error(`${no} was not found: ${staff.url()}`)
  return id
}

/** The button or link of an action of the case that is shown. */
export function action(staff: Page, name: string) {
  const named = new RegExp(`^${name}(\\s|$)`)
  return staff.locator('.acts').getByRole('button', { name: named }).or(staff.locator('.acts').getByRole('link', { name: named }))
}

/** Opens the form of an action, or goes on with the one that stands open already. */
export async function open(staff: Page, name: string) {
  await action(staff, name).click()
  const form = staff.locator('form.act', { has: staff.getByRole('heading', { name, exact: true }) })
  await expect(form).toBeVisible()
  return form
}

/** What the page says was done. */
export async function said(staff: Page, text: string | RegExp): Promise<void> {
  await expect(staff.locator('.notice.ok').filter({ hasText: text })).toBeVisible()
}

/** Accepts a case at the acceptor's desk as a matter of this code, about nobody. */
export async function accept(staff: Page, no: string, matter: { words: string; code: string }): Promise<void> {
  await choose(staff, '/queue/accept', no)
  const form = await open(staff, '受理')
  const found = staff.waitForResponse((answer) => new URL(answer.url()).pathname === '/pick/matters')
  await form.getByRole('searchbox').fill(matter.words)
  await found
  await form.locator('label.check', { hasText: matter.code }).first().click()
  await form.getByLabel('无', { exact: true }).check()
  await form.getByRole('button', { name: '受理' }).click()
  await said(staff, no)
}

/** The value of a figure of the office, by the address programs read, with the person's own session and scope. */
export async function figure(staff: Page, key: string, day: string): Promise<{ value: number | null; numerator: number; denominator: number }> {
  const answer = await staff.request.get(`/api/v1/stats/${key}?from=${day}&to=${day}`)
  expect(answer.status(), await answer.text()).toBe(200)
  const { rows } = (await answer.json()) as { rows: { value: number | null; numerator: number; denominator: number }[] }
  expect(rows).toHaveLength(1)
  return rows[0]!
}

/** Dispatches a case as the duty list suggests, at the board. */
export async function dispatch(staff: Page, no: string): Promise<void> {
  await choose(staff, '/board', no)
  await staff.locator('.acts').getByRole('button', { name: '按建议分拨' }).click()
  await said(staff, no)
}

/** Signs a case for one's unit. */
export async function sign(staff: Page, no: string): Promise<void> {
  await choose(staff, '/queue/sign', no)
  await action(staff, '签收').click()
  await said(staff, no)
}

/** Finishes a case with words and a picture. */
export async function finish(staff: Page, no: string, words: string): Promise<void> {
  await choose(staff, '/queue/handle', no)
  const form = await open(staff, '办结')
  await form.getByLabel('办理结果').fill(words)
  await form.locator('input[name=photos]').setInputFiles({ name: 'after.png', mimeType: 'image/png', buffer: picture(90) })
  await form.getByRole('button', { name: '办结' }).click()
  await said(staff, no)
}

/** A helper's part: signed and finished. */
export async function help(staff: Page, no: string, words: string): Promise<void> {
  await sign(staff, no)
  await choose(staff, '/queue/handle', no)
  const form = await open(staff, '协办办结')
  await form.getByLabel('协办结果').fill(words)
  await form.getByRole('button', { name: '协办办结' }).click()
  await said(staff, no)
}

/** Passes the check of a case. */
export async function pass(staff: Page, no: string): Promise<void> {
  await choose(staff, '/queue/verify', no)
  const form = await open(staff, '核查通过')
  await form.getByRole('button', { name: '核查通过' }).click()
  await said(staff, no)
}

/** Calls the requester back: solved, satisfied, closed. */
export async function callBack(staff: Page, no: string): Promise<void> {
  await choose(staff, '/queue/callback', no)
  const form = await open(staff, '回访结案')
  await form.getByText('已解决', { exact: true }).click()
  await form.getByText('满意', { exact: true }).click()
  await form.getByRole('button', { name: '回访结案' }).click()
  await said(staff, no)
}
