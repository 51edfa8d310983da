import { type Page, at, expect, phone, test } from './harness/index.ts'
import { dataOf, speaksEnglish } from './harness/english.ts'
import { picture } from './harness/picture.ts'
import { act, action, attach, choose, follow, open, openCase, openReport, recognise, report, said, send } from './harness/round.ts'
import { english } from './harness/words.ts'

const text = 'The storm drain cover by the school gate is broken and sinks in; children walk past it every day.'

/** Switches to English by the link that every page has, and stays where one was; an account keeps its language. */
async function inEnglish(page: Page): Promise<void> {
  if ((await page.locator('html').getAttribute('lang')) === 'en') return
  await page.locator('.nav-foot a[lang="en"], .pub-foot a[lang="en"]').first().click()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
}

/** What every hand of the day needs: the case, people who read English, a page that is looked at. */
interface Day {
  no: string
  data: string[]
  person: (login: string) => Promise<Page>
  shown: (page: Page, name: string) => Promise<void>
  setClock: (instant: string) => void
}

/** The acceptor says what it is. */
async function isAccepted({ no, person, shown, setClock }: Day): Promise<void> {
  setClock(at('09:40'))
  const acceptor = await person('zhoumin')
  await shown(acceptor, '05-home')
  await acceptor.goto('/cases?q=storm+drain')
  await shown(acceptor, '06-list')
  await expect(acceptor.locator('[data-item]')).toHaveCount(1)
  await choose(acceptor, '/queue/accept', no)
  await shown(acceptor, '07-accept')
  // Anew: what looks at a page leaves marks on it that a later swap would carry along.
  await choose(acceptor, '/queue/accept', no)
  const accepting = await open(acceptor, 'Accept')
  await recognise(accepting, { words: '雨水井盖', code: '01003-1' }, english)
  await shown(acceptor, '08-accept-form')
  await send(accepting, 'Accept', no)
}

/** The dispatcher takes what is suggested, and looks at the keys and the intake. */
async function isDispatched({ no, data, person, shown, setClock }: Day): Promise<void> {
  setClock(at('09:50'))
  const dispatcher = await person('linlan')
  await choose(dispatcher, '/board', no)
  await shown(dispatcher, '09-board')
  await dispatcher.keyboard.press('?')
  await expect(dispatcher.locator('.keys-help')).toBeVisible()
  await speaksEnglish(dispatcher, data)
  await dispatcher.keyboard.press('Escape')
  await action(dispatcher, 'Dispatch as suggested').click()
  await said(dispatcher, no)
  await dispatcher.keyboard.press('n')
  await expect(dispatcher.locator('.intake-form')).toBeVisible()
  await shown(dispatcher, '10-intake')
}

/** The unit; its helper first: the lead finishes last. */
async function isHandled({ no, person, shown, setClock }: Day): Promise<void> {
  setClock(at('10:00'))
  const unit = await person('gaojianguo')
  await choose(unit, '/queue/sign', no)
  await shown(unit, '11-sign')
  await action(unit, 'Sign').click()
  await said(unit, no)
  setClock(at('10:10'))
  const helper = await person('wangxiulan')
  await choose(helper, '/queue/sign', no)
  await action(helper, 'Sign').click()
  await said(helper, no)
  await choose(helper, '/queue/handle', no)
  const helping = await open(helper, 'Co-unit done')
  await helping.getByLabel('Result of the co-unit').fill('The place was fenced off.')
  await shown(helper, '12-helper')
  await send(helping, 'Co-unit done', no)
  await choose(unit, '/queue/handle', no)
  const finishing = await open(unit, 'Done')
  await shown(unit, '12-finish')
  await finishing.getByLabel('Result').fill('Cover replaced, road level again.')
  await attach(finishing, picture(90))
  await send(finishing, 'Done', no)
}

/** The verifier and the call-back desk. */
async function isCheckedAndClosed({ no, person, shown, setClock }: Day): Promise<void> {
  setClock(at('10:45'))
  const verifier = await person('shenyu')
  await choose(verifier, '/queue/verify', no)
  await shown(verifier, '14-verify')
  await act(verifier, 'Verified', { 'What was found': 'Replaced and level.' }, no)
  setClock(at('11:00'))
  const caller = await person('tangli')
  await choose(caller, '/queue/callback', no)
  await shown(caller, '15-call')
  const calling = await open(caller, 'Called back, close')
  await shown(caller, '16-call-form')
  await calling.getByText('Solved', { exact: true }).click()
  await calling.getByText('Very satisfied', { exact: true }).click()
  await calling.getByLabel('What the requester said').fill('Quick, thank you.')
  await send(calling, 'Called back, close', no)
}

test('the same day in English', async ({ visitor, asRole, setClock, axe, shot }) => {
  const data = await dataOf(await asRole('linlan'))
  const shown = async (page: Page, name: string) => {
    await speaksEnglish(page, data)
    await axe(page)
    await shot(page, name)
  }
  const person = async (login: string) => {
    const page = await asRole(login)
    await inEnglish(page)
    return page
  }

  // The resident.
  const resident = await visitor(phone)
  await resident.goto('/p')
  await inEnglish(resident)
  await shown(resident, '01-places')
  await openReport(resident, '柳溪社区')
  await shown(resident, '02-form')
  const receipt = await report(resident, { text, phone: '13912042041', reply: true, photo: picture(150) }, english)
  const { no } = receipt
  await shown(resident, '03-receipt')
  const followed = async (name: string) => {
    await follow(resident, receipt, english)
    await shown(resident, name)
  }
  await followed('04-followed')

  const hands = { no, data, person, shown, setClock }
  await isAccepted(hands)
  await isDispatched(hands)
  await isHandled(hands)
  await followed('13-checking')
  await isCheckedAndClosed(hands)

  // Rated, closed, counted.
  await followed('17-closed')
  await resident.getByText('Solved', { exact: true }).click()
  await resident.locator('label[for=r5]').click()
  await resident.getByRole('button', { name: 'Send rating' }).click()
  await expect(resident.getByText('Thank you for your rating.')).toBeVisible()
  await shown(resident, '18-rated')
  const caller = await person('tangli')
  const path = await openCase(caller, no)
  await shown(caller, '19-case')
  await caller.goto(`${path}/print`)
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
