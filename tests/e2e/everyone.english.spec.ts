import { type Page, expect, test } from './harness/index.ts'
import { dataOf, speaksEnglish } from './harness/english.ts'
import { picture } from './harness/picture.ts'

const at = (time: string) => `2026-03-12T${time}:00+08:00`
const text = 'The storm drain cover by the school gate is broken and sinks in; children walk past it every day.'

/** Switches to English by the link that every page has, and stays where one was; an account keeps its language. */
async function inEnglish(page: Page): Promise<void> {
  if ((await page.locator('html').getAttribute('lang')) === 'en') return
  await page.locator('.nav-foot a[lang="en"], .pub-foot a[lang="en"]').first().click()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
}

async function staff(page: Page, queue: string, id: string): Promise<void> {
  await page.goto(queue)
  await page.locator(`[data-item="${id}"]`).click()
  await expect(page.locator(`.detail-in[data-for="${id}"]`)).toBeVisible()
}

function action(page: Page, name: string) {
  const named = new RegExp(`^${name}(\\s|$)`)
  return page.locator('.acts').getByRole('button', { name: named }).or(page.locator('.acts').getByRole('link', { name: named }))
}

async function form(page: Page, name: string) {
  await action(page, name).first().click()
  const found = page.locator('form.act', { has: page.getByRole('heading', { name, exact: true }) })
  await expect(found).toBeVisible()
  return found
}

test('the same day in English', async ({ visitor, asRole, setClock, axe, shot }) => {
  const data = await dataOf(await asRole('linlan'))
  const shown = async (page: Page, name: string) => {
    await speaksEnglish(page, data)
    // At its end, where the bar of acts covers nothing: half a target below it would be taken for a small one.
    await page.locator('.detail').evaluateAll((all) => all.forEach((part) => part.scrollTo(0, part.scrollHeight)))
    await axe(page)
    await shot(page, name)
  }
  const person = async (login: string) => {
    const page = await asRole(login)
    await inEnglish(page)
    return page
  }
  const said = (page: Page, no: string) => expect(page.locator('.notice.ok').filter({ hasText: no })).toBeVisible()

  // The resident.
  const resident = await visitor({ viewport: { width: 390, height: 844 } })
  await resident.goto('/p')
  await inEnglish(resident)
  await shown(resident, '01-places')
  await resident.getByRole('link', { name: '柳溪社区' }).click()
  await shown(resident, '02-form')
  await resident.getByLabel('What would you like to report?').fill(text)
  await resident.locator('input[name=photos]').setInputFiles({ name: 'drain.png', mimeType: 'image/png', buffer: picture(150) })
  await resident.getByLabel('Phone').first().fill('13912042041')
  await resident.getByLabel('Call me back when it is done').check()
  await resident.getByRole('button', { name: 'Submit' }).click()
  await expect(resident.locator('#code')).toBeVisible()
  await shown(resident, '03-receipt')
  const no = (await resident.locator('#no').innerText()).trim()
  const code = (await resident.locator('#code').innerText()).trim()
  const follow = async (name: string) => {
    await resident.goto('/p/track')
    await resident.getByLabel('Number', { exact: true }).fill(no.replace(/^\D+/, ''))
    await resident.getByLabel('Tracking code', { exact: true }).fill(code)
    await resident.getByRole('button', { name: 'Look up' }).click()
    await expect(resident.locator('.promise')).toBeVisible()
    await shown(resident, name)
  }
  await follow('04-followed')

  // The acceptor.
  setClock(at('09:40'))
  const acceptor = await person('zhoumin')
  await shown(acceptor, '05-home')
  await acceptor.goto(`/cases?q=${encodeURIComponent(no.replace(/^\D+/, '').slice(-4))}`)
  await acceptor.goto(`/cases?q=storm+drain`)
  await shown(acceptor, '06-list')
  const id = (await acceptor.locator('[data-item]').first().getAttribute('data-item')) ?? ''
  await staff(acceptor, '/queue/accept', id)
  await shown(acceptor, '07-accept')
  // Anew: what looks at a page leaves marks on it that a later swap would carry along.
  await staff(acceptor, '/queue/accept', id)
  const accepting = await form(acceptor, 'Accept')
  await accepting.getByRole('searchbox').fill('雨水井盖')
  const wanted = accepting.locator('label.check', { hasText: '01003-1' }).first()
  // What was found comes in while one chooses; the choice must stand after it.
  await expect(async () => {
    await wanted.click()
    await acceptor.waitForTimeout(800)
    await expect(wanted.locator('input')).toBeChecked({ timeout: 500 })
  }).toPass({ timeout: 20_000 })
  await accepting.locator('input[name=subject][value=none]').check()
  await shown(acceptor, '08-accept-form')
  await accepting.getByRole('button', { name: 'Accept' }).click()
  await said(acceptor, no)

  // The dispatcher.
  setClock(at('09:50'))
  const dispatcher = await person('linlan')
  await staff(dispatcher, '/board', id)
  await shown(dispatcher, '09-board')
  await dispatcher.keyboard.press('?')
  await expect(dispatcher.locator('.keys-help')).toBeVisible()
  await speaksEnglish(dispatcher, data)
  await dispatcher.keyboard.press('Escape')
  await dispatcher.locator('.acts button.pri').first().click()
  await said(dispatcher, no)
  await dispatcher.keyboard.press('n')
  await expect(dispatcher.locator('.intake-form')).toBeVisible()
  await shown(dispatcher, '10-intake')

  // The unit.
  setClock(at('10:00'))
  const unit = await person('gaojianguo')
  await staff(unit, '/queue/sign', id)
  await shown(unit, '11-sign')
  await action(unit, 'Sign').click()
  await said(unit, no)
  // Its helper first: the lead finishes last.
  setClock(at('10:10'))
  const helper = await person('wangxiulan')
  await staff(helper, '/queue/sign', id)
  await action(helper, 'Sign').click()
  await said(helper, no)
  await staff(helper, '/queue/handle', id)
  const helping = await form(helper, 'Co-unit done')
  await helping.getByLabel('Result of the co-unit').fill('The place was fenced off.')
  await shown(helper, '12-helper')
  await helping.getByRole('button', { name: 'Co-unit done' }).click()
  await said(helper, no)
  await staff(unit, '/queue/handle', id)
  const finishing = await form(unit, 'Done')
  await shown(unit, '12-finish')
  await finishing.getByLabel('Result').fill('Cover replaced, road level again.')
  await finishing.locator('input[name=photos]').setInputFiles({ name: 'after.png', mimeType: 'image/png', buffer: picture(90) })
  await finishing.getByRole('button', { name: 'Done' }).click()
  await said(unit, no)
  await follow('13-checking')

  // The verifier and the call-back desk.
  setClock(at('10:45'))
  const verifier = await person('shenyu')
  await staff(verifier, '/queue/verify', id)
  await shown(verifier, '14-verify')
  const verifying = await form(verifier, 'Verified')
  await verifying.getByLabel('What was found').fill('Replaced and level.')
  await verifying.getByRole('button', { name: 'Verified' }).click()
  await said(verifier, no)
  setClock(at('11:00'))
  const caller = await person('tangli')
  await staff(caller, '/queue/callback', id)
  await shown(caller, '15-call')
  const calling = await form(caller, 'Called back, close')
  await shown(caller, '16-call-form')
  await calling.locator('label[for$="solved-yes"], label[for*="solved"]').first().click()
  await calling.locator('label[for*="satisfied"]').last().click()
  await calling.getByLabel('What the requester said').fill('Quick, thank you.')
  await calling.getByRole('button', { name: 'Called back, close' }).click()
  await said(caller, no)

  // Rated, closed, counted.
  await follow('17-closed')
  await resident.getByText('Solved', { exact: true }).click()
  await resident.locator('label[for=r5]').click()
  await resident.getByRole('button', { name: 'Send rating' }).click()
  await expect(resident.getByText('Thank you for your rating.')).toBeVisible()
  await shown(resident, '18-rated')
  await caller.goto(`/cases/${id}`)
  await shown(caller, '19-case')
  await caller.goto(`/cases/${id}/print`)
  await speaksEnglish(caller, data)
})

test('every page of the shell in English', async ({ asRole, axe, shot }) => {
  test.setTimeout(300_000)
  const data = await dataOf(await asRole('linlan'))
  const pages: Record<string, string[]> = {
    songjianping: ['/', '/cases', '/stats', '/stats/demand.on_time_rate?by=unit', '/stats/demand.satisfaction/records', '/stats/demand.received?by=matter', '/wall', '/cases?figure=demand.on_time_rate&side=below', '/people', '/account'],
    linlan: ['/board', '/queue/accept', '/intake', '/report', '/places', '/duty', '/matters', '/cases?where=nonsense('],
    chenli: ['/', '/report', '/cases'],
    wangxiulan: ['/', '/queue/verify', '/stats'],
    dingjie: ['/', '/log'],
    wuhao: ['/', '/settings', '/people', '/units', '/posts'],
    yuting: ['/', '/people/grants'],
  }
  const found: string[] = []
  for (const [login, paths] of Object.entries(pages)) {
    const page = await asRole(login)
    await inEnglish(page)
    for (const path of paths) {
      await page.goto(path)
      await axe(page)
      await shot(page, `page-${login}-${path.replace(/\W+/g, '-')}`)
      try {
        await speaksEnglish(page, data)
      } catch (error) {
        found.push(String(error))
      }
    }
  }
  expect(found).toEqual([])
})
