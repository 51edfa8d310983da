// Steps that several journeys take, done as a person does them: by what stands on the page.
import { type Locator, type Page, expect } from './index.ts'

/** What a resident writes into the public form. */
export interface Said {
  text: string
  address?: string
  phone?: string
  name?: string
  /** Tick "my number may be given to the unit". */
  share?: boolean
  /** A picture: its colour, so that two reporters' pictures differ. */
  photo?: Colour
  /** The community chosen on `/p`. */
  community?: string
}

/** What the receipt shows. */
export interface Receipt {
  no: string
  code: string
}

/** Reports through the public page, from choosing the community to the receipt. */
export async function reportTrouble(page: Page, said: Said): Promise<Receipt> {
  await page.goto('/p')
  await page.getByRole('link', { name: said.community ?? '柳溪社区' }).click()
  await page.locator('#f-text').fill(said.text)
  if (said.address) await page.locator('#f-address').fill(said.address)
  if (said.phone) await page.locator('#f-phone').fill(said.phone)
  if (said.name) await page.locator('#f-name').fill(said.name)
  if (said.share) await page.locator('input[name="share"]').check()
  if (said.photo) {
    await page.locator('input[name="photos"]').setInputFiles({
      name: 'IMG_0001.png',
      mimeType: 'image/png',
      buffer: await picture(page, said.photo),
    })
  }
  await page.getByRole('button', { name: '提交' }).click()
  await expect(page.locator('#no')).toBeVisible()
  return { no: await page.locator('#no').innerText(), code: await page.locator('#code').innerText() }
}

/** Opens one's report with number and code, in a browser that has not seen it. */
export async function follow(page: Page, receipt: Receipt): Promise<void> {
  await page.goto('/p/track')
  await page.locator('#f-no').fill(receipt.no)
  await page.locator('#f-code').fill(receipt.code)
  await page.getByRole('button', { name: '查询' }).click()
  await expect(page.locator('.promise')).toBeVisible()
}

/** Finds a case by its number in the search of the head, as staff do; returns its address. */
export async function openCase(page: Page, no: string): Promise<string> {
  const search = page.locator('header input[type="search"]')
  await search.fill(no)
  await search.press('Enter')
  await page.waitForURL(/\/cases\/\d+$/)
  await expect(page.locator('.case-no')).toContainText(no)
  return new URL(page.url()).pathname
}

/** The form of an action or verb on the page of a case, opened by its key in the bar or under "more". */
export async function openForm(page: Page, key: string): Promise<Locator> {
  const link = page.locator(`.acts a[href$="/act/${key}"], .acts a[href$="/do/${key}"]`)
  if (!(await link.isVisible())) await page.locator('.acts details.menu summary').click()
  await link.click()
  const form = page.locator(`form[id^="f-${key}-"]`).filter({ has: page.locator('h2') })
  await expect(form).toBeVisible()
  return form
}

/** Presses the form's button and waits until the page has said what was done. */
export async function send(page: Page, form: Locator): Promise<void> {
  await page.locator('.detail-in > .notice [data-dismiss]').click({ timeout: 200 }).catch(() => {})
  await form.locator('.form-foot button.pri').click()
  await said(page)
}

/** A press that needs no form, such as 签收. */
export async function press(page: Page, key: string): Promise<void> {
  await page.locator('.detail-in > .notice [data-dismiss]').click({ timeout: 200 }).catch(() => {})
  await page.locator(`form[id="f-${key}-now"] button`).click()
  await said(page)
}

async function said(page: Page): Promise<void> {
  await expect(page.locator('.detail-in > .notice.ok')).toBeVisible()
}

/** Accepts with the matter found by `query` whose code is `code`; nobody is complained about. */
export async function accept(page: Page, query: string, code: string): Promise<void> {
  const form = await openForm(page, 'accept')
  await form.locator('input[name="matter_q"]').fill(query)
  await form.locator('label.check', { hasText: new RegExp(`^${code} `) }).first().click()
  await form.locator('input[name="subject"][value="none"]').check()
  await send(page, form)
}

/** A length of time as the forms ask for it. */
export type Limit = [amount: number, unit: 'urgent_hour' | 'work_hour' | 'work_day' | 'natural_day']

/** Dispatches to a lead unit and at most one helper, each with its own limit. */
export async function dispatch(page: Page, lead: string, limit?: Limit, co?: { unit: string; limit?: Limit }) {
  const form = await openForm(page, 'dispatch')
  await form.locator('select[name="lead"]').selectOption({ label: lead })
  if (limit) {
    await form.locator('input[name="limit_amount"]').fill(String(limit[0]))
    await form.locator('select[name="limit_unit"]').selectOption(limit[1])
  }
  if (co) {
    await form.locator('select[name="co"]').first().selectOption({ label: co.unit })
    if (co.limit) {
      await form.locator('input[name="co_amount"]').first().fill(String(co.limit[0]))
      await form.locator('select[name="co_unit"]').first().selectOption(co.limit[1])
    }
  }
  await send(page, form)
}

/** Fills the fields of a form by their names and sends it. */
export async function actWith(page: Page, key: string, fields: Record<string, string>): Promise<void> {
  const form = await openForm(page, key)
  for (const [name, value] of Object.entries(fields)) {
    const radio = form.locator(`input[type="radio"][name="${name}"][value="${value}"]`)
    if ((await radio.count()) > 0) await form.locator(`label[for="${await radio.getAttribute('id')}"]`).click()
    else await form.locator(`[name="${name}"]`).fill(value)
  }
  await send(page, form)
}

/** The lines of the explanation 怎么算的 of a clock: rule, days (what, text), end. */
export async function explained(page: Page, clock: string): Promise<{ rule: string; days: string[]; end: string }> {
  const details = page.locator('details.clock').filter({ has: page.locator(`summary:has-text("${clock}")`) })
  if ((await details.getAttribute('open')) === null) await details.locator('summary').click()
  const inside = details.locator('.how-in')
  await expect(inside).toBeVisible()
  const days = await inside
    .locator('dt')
    .evaluateAll((list) => list.map((dt) => `${dt.textContent} | ${(dt.nextElementSibling as HTMLElement).innerText}`))
  return {
    rule: (await inside.locator('p').first().innerText()).trim(),
    days: days.map((day) => day.replace(/\s*\n\s*/g, ' | ').trim()),
    end: (await inside.locator('p').last().innerText()).trim(),
  }
}

/** Asserts that none of these stands anywhere in the page's HTML, seen or not. */
export async function expectNowhere(page: Page, what: string[]): Promise<void> {
  const html = await page.content()
  for (const text of what) expect(html.includes(text), `"${text}" in the HTML of ${page.url()}`).toBe(false)
}

type Colour = 'red' | 'blue' | 'green'

/** A picture of one colour, drawn by the browser. */
export async function picture(page: Page, colour: Colour): Promise<Buffer> {
  const data = await page.evaluate((fill) => {
    const canvas = document.createElement('canvas')
    ;[canvas.width, canvas.height] = [320, 240]
    const draw = canvas.getContext('2d')
    if (draw) {
      draw.fillStyle = fill
      draw.fillRect(0, 0, 320, 240)
    }
    return canvas.toDataURL('image/png')
  }, colour)
  return Buffer.from(data.slice(data.indexOf(',') + 1), 'base64')
}
