// Takes the pictures of docs/guide, of the whole demo office at one instant, so that they look the same when taken again.
import { join } from 'node:path'
import { type Page, phone, test } from '../harness/index.ts'

const folder = join(import.meta.dirname, '../../../docs/guide')

test.use({ startClock: '2026-03-12T15:36:00+08:00', kind: 'year' })

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
}

for (const [language, locale] of [['zh', 'zh-CN'], ['en', 'en-GB']] as const) {
  const en = language === 'en'

  test(`what a resident sees, ${language}`, async ({ visitor }) => {
    const page = await visitor({ ...phone, locale })
    await page.goto('/p?lang=' + (en ? 'en' : 'zh-CN'))
    await page.locator('a[href^="/p/at/"]').first().click()
    await picture(page, `${language}-public-form`)
    if (en) return
    await page.locator('[name=text]').fill('柳溪路小学门口的雨水井盖碎了一块，往下陷，孩子放学都从这里走。')
    await page.locator('[name=phone]').fill('13912042041')
    await page.locator('form#report button.pri').click()
    await page.locator('a[href^="/p/track/"]').first().click()
    await page.locator('.promise').waitFor()
    await picture(page, `${language}-public-track`)
  })

  test(`what the staff see, ${language}`, async ({ asRole }) => {
    const lang = en ? '?lang=en' : '?lang=zh-CN'
    const dispatcher = await asRole('linlan', { locale })
    await dispatcher.goto('/board' + lang)
    await picture(dispatcher, `${language}-board`)

    const unit = await asRole('gaojianguo', { locale })
    await unit.goto('/queue/handle' + lang)
    await unit.goto((await unit.locator('#queue a[href*="/cases/"], #detail h1 a').first().getAttribute('href')) ?? '/')
    await picture(unit, `${language}-case`)

    const leader = await asRole('songjianping', { locale })
    await leader.goto('/stats' + lang)
    await picture(leader, `${language}-stats`)
    if (en) return

    await unit.locator('details.clock summary').first().click()
    await picture(unit, `${language}-clock`)

    const acceptor = await asRole('zhoumin', { locale })
    await acceptor.keyboard.press('n')
    const notes = acceptor.locator('textarea[name=notes]').first()
    await notes.fill('老人说柳溪路42号门口井盖碎了，路灯也不亮')
    await acceptor.locator('[data-similar-pick]').first().waitFor()
    await picture(acceptor, `${language}-intake`)

    const worker = await asRole('chenli', { ...phone, locale })
    await worker.goto('/report')
    await picture(worker, `${language}-field`)

    const auditor = await asRole('dingjie', { locale })
    await auditor.goto('/log')
    await auditor.getByRole('link', { name: '查看诉求人信息' }).click()
    await picture(auditor, `${language}-log`)
  })
}
