// The round of a case, act by act, as the people of the demo office play it: by what stands on the page.
import { type Fixtures, type Locator, type Page, expect, phone } from './index.ts'
import { picture } from './picture.ts'
import { chinese } from './words.ts'

/** What a resident writes into the public form. */
export interface Said {
  text: string
  where?: string
  phone?: string
  name?: string
  /** Ticks that they want to be called back. */
  reply?: boolean
  /** Ticks that the unit may have their number. */
  share?: boolean
  /** One picture, or several. */
  photo?: Buffer | Buffer[]
}

/** What a resident keeps: with both one follows the case. */
export interface Receipt {
  no: string
  code: string
}

/** What a case is about: the words an acceptor searches with, the code of the matter that is found. */
export interface Matter {
  words: string
  code: string
}

/** A length of time as the forms ask for it. */
export type Limit = [amount: number, unit: '紧急工作时' | '工作时' | '工作日' | '自然日']

/** Opens the form of a community from the list of all. */
export async function openReport(resident: Page, community: string): Promise<void> {
  await resident.goto('/p')
  await resident.getByRole('link', { name: community }).click()
}

/** Reports by the public form that stands open, and reads the receipt. */
export async function report(resident: Page, said: Said, words = chinese): Promise<Receipt> {
  await resident.getByLabel(words.what).fill(said.text)
  if (said.photo) await attach(resident.locator('form#report'), said.photo)
  if (said.where) await resident.getByLabel(words.where).fill(said.where)
  if (said.phone) await resident.getByLabel(words.phone).first().fill(said.phone)
  if (said.name) await resident.getByLabel(words.name).fill(said.name)
  if (said.reply) await resident.getByLabel(words.reply).check()
  if (said.share) await resident.getByLabel(words.share).check()
  await resident.getByRole('button', { name: words.submit }).click()
  return receiptOf(resident)
}

/** The receipt that the page shows. */
export async function receiptOf(resident: Page): Promise<Receipt> {
  await expect(resident.locator('#code')).toBeVisible()
  const no = (await resident.locator('#no').innerText()).trim()
  const code = (await resident.locator('#code').innerText()).trim()
  expect(no).toMatch(/^青禾-\d{8}-\d{4}$/)
  expect(code.replace(/\s/g, '')).toMatch(/^[0-9A-Z]{8}$/)
  return { no, code }
}

/** Opens the progress by number and code, typed by hand as from a slip of paper. */
export async function follow(resident: Page, receipt: Receipt, words = chinese): Promise<void> {
  await resident.goto('/p/track')
  await resident.getByLabel(words.number, { exact: true }).fill(receipt.no.replace(/^\D+/, ''))
  await resident.getByLabel(words.code, { exact: true }).fill(receipt.code.toLowerCase())
  await resident.getByRole('button', { name: words.lookUp }).click()
  await expect(resident.locator('.promise')).toBeVisible()
}

/** Finds a case by its number in the search of the head; returns its address. */
export async function openCase(staff: Page, no: string): Promise<string> {
  const search = staff.getByRole('search').getByRole('searchbox')
  await search.fill(no)
  const arrived = staff.waitForEvent('domcontentloaded')
  await search.press('Enter')
  await arrived
  await expect(staff.locator('.case-no')).toContainText(no)
  const path = new URL(staff.url()).pathname
  expect(path, `whoever searches for ${no} arrives at it`).toMatch(/^\/cases\/\d+$/)
  return path
}

/** The id of a case. */
export async function idOf(staff: Page, no: string): Promise<string> {
  return (await openCase(staff, no)).replace('/cases/', '')
}

/** Opens a case from the queue of a desk. */
export async function choose(staff: Page, queue: string, no: string): Promise<void> {
  const id = await idOf(staff, no)
  await staff.goto(queue)
  await staff.locator(`[data-item="${id}"]`).click()
  await expect(staff.locator(`.detail-in[data-for="${id}"]`)).toBeVisible()
}

/** The button or link of an action of the case that is shown. */
export function action(staff: Page, name: string): Locator {
  const named = new RegExp(`^${name}(\\s|$)`)
  return staff.locator('.acts').getByRole('button', { name: named }).or(staff.locator('.acts').getByRole('link', { name: named }))
}

/** Opens the form of an action in the bar or under "more", or goes on with the one that stands open already. */
export async function open(staff: Page, name: string, heading = name): Promise<Locator> {
  if (!(await action(staff, name).isVisible())) await staff.locator('.acts details.menu summary').click()
  await action(staff, name).click()
  const form = staff.locator('form.act', { has: staff.getByRole('heading', { name: heading, exact: true }) })
  await expect(form).toBeVisible()
  return form
}

/** Takes an action of the case that is shown: answers what its form asks by the labels, sends it, reads that it was done. */
export async function act(staff: Page, name: string, answers: Record<string, string> = {}, told = `${name}：`): Promise<void> {
  const form = await open(staff, name)
  for (const [label, answer] of Object.entries(answers)) await form.getByLabel(label).fill(answer)
  await send(form, name, told)
}

/** Presses the button of a form and reads what was done. */
export async function send(form: Locator, name: string, told: string): Promise<void> {
  await form.getByRole('button', { name, exact: true }).click()
  await said(form.page(), told)
}

/** What the page says was done. */
export async function said(staff: Page, text: string | RegExp): Promise<void> {
  await expect(staff.locator('.notice.ok').filter({ hasText: text })).toBeVisible()
}

/** Adds a picture to a form. */
export async function attach(form: Locator, photo: Buffer | Buffer[]): Promise<void> {
  const all = Array.isArray(photo) ? photo : [photo]
  const files = all.map((buffer, i) => ({ name: `IMG_${312 + i}.png`, mimeType: 'image/png', buffer }))
  await form.locator('input[name=photos]').setInputFiles(files)
}

/** Fills the form of acceptance: a matter from what the search finds, about nobody. */
export async function recognise(form: Locator, matter: Matter, words = chinese): Promise<void> {
  const found = form.page().waitForResponse((answer) => new URL(answer.url()).pathname === '/pick/matters')
  await form.getByRole('searchbox').fill(matter.words)
  // One picks from what the search has found, not from what stood there before.
  await (await found).finished()
  const wanted = form.locator('label.check', { hasText: new RegExp(`^${matter.code} `) }).first()
  await wanted.click()
  await expect(wanted.getByRole('radio')).toBeChecked()
  await form.getByLabel(words.aboutNobody, { exact: true }).check()
}

/** Accepts a case at the acceptor's desk as a matter of this code, about nobody. */
export async function accept(staff: Page, no: string, matter: Matter): Promise<void> {
  await choose(staff, '/queue/accept', no)
  const form = await open(staff, '受理')
  await recognise(form, matter)
  await send(form, '受理', no)
}

/** Dispatches a case at the board: as the duty list suggests, or to a lead and at most one helper, each with its limit. */
export async function dispatch(
  staff: Page,
  no: string,
  to?: { lead: string; limit?: Limit; helper?: string; helpers?: Limit },
): Promise<void> {
  await choose(staff, '/board', no)
  if (!to) {
    await action(staff, '按建议分拨').click()
    return said(staff, no)
  }
  // Where the duty list has a suggestion, another unit is the other choice.
  const form = await open(staff, '(?:另选单位|分拨)', '分拨')
  await form.getByLabel('主办单位', { exact: true }).selectOption({ label: to.lead })
  if (to.limit) {
    await form.getByLabel('主办时限').fill(String(to.limit[0]))
    await form.getByLabel('时长单位', { exact: true }).selectOption({ label: to.limit[1] })
  }
  if (to.helper) await form.getByLabel('协办单位 1', { exact: true }).selectOption({ label: to.helper })
  if (to.helpers) {
    await form.getByLabel('协办单位 1 的时限', { exact: true }).fill(String(to.helpers[0]))
    await form.getByLabel('协办单位 1 的时限单位', { exact: true }).selectOption({ label: to.helpers[1] })
  }
  await send(form, '分拨', no)
}

/** A report by a resident's phone, with which they follow it. */
export async function reported(visitor: Fixtures['visitor'], community: string, said: Said): Promise<{ resident: Page; receipt: Receipt }> {
  const resident = await visitor(phone)
  await openReport(resident, community)
  return { resident, receipt: await report(resident, said) }
}

/** What stands before the acts that a journey is about: a report, accepted, and dispatched as suggested. */
export async function dispatched(
  { visitor, asRole }: Pick<Fixtures, 'visitor' | 'asRole'>,
  community: string,
  said: Said,
  matter: Matter,
): Promise<{ resident: Page; receipt: Receipt }> {
  const { resident, receipt } = await reported(visitor, community, said)
  await accept(await asRole('zhoumin'), receipt.no, matter)
  await dispatch(await asRole('linlan'), receipt.no)
  return { resident, receipt }
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
  await attach(form, picture(90))
  await send(form, '办结', no)
}

/** A helper's part: signed and finished. */
export async function help(staff: Page, no: string, words: string): Promise<void> {
  await sign(staff, no)
  await choose(staff, '/queue/handle', no)
  await act(staff, '协办办结', { 协办结果: words }, no)
}

/** Passes the check of a case. */
export async function pass(staff: Page, no: string, seen = ''): Promise<void> {
  await choose(staff, '/queue/verify', no)
  await act(staff, '核查通过', { 核查情况: seen }, no)
}

/** Calls the requester back: solved, satisfied, closed. */
export async function callBack(staff: Page, no: string): Promise<void> {
  await choose(staff, '/queue/callback', no)
  const form = await open(staff, '回访结案')
  await form.getByText('已解决', { exact: true }).click()
  await form.getByText('满意', { exact: true }).click()
  await send(form, '回访结案', no)
}

/** Says on the page of progress whether it is solved and how satisfied one is; one's button sends it. */
export async function rate(resident: Page, solved: '解决了' | '没解决', satisfied: string, words = ''): Promise<Locator> {
  await resident.getByText(solved, { exact: true }).click()
  await resident.getByText(satisfied, { exact: true }).click()
  await resident.getByLabel('想说的话').fill(words)
  return resident.getByRole('button', { name: '提交评价' })
}

/** The value of a figure of the office, by the address programs read, with the person's own session and scope. */
export async function figure(staff: Page, key: string, day: string): Promise<{ value: number | null; numerator: number; denominator: number }> {
  const answer = await staff.request.get(`/api/v1/stats/${key}?from=${day}&to=${day}`)
  expect(answer.status(), await answer.text()).toBe(200)
  const { rows } = (await answer.json()) as { rows: { value: number | null; numerator: number; denominator: number }[] }
  expect(rows).toHaveLength(1)
  return rows[0]!
}
