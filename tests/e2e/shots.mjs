// Pictures of pages of a running office, at several widths.
//   node shots.mjs --base URL [--cookie NAME=VALUE | --login LOGIN] [--widths 390,1280,1920] [--out DIR] PATH …
// --cookie takes the cookie of a session one has; --login presses the button of the demo office's log-in page.
import { chromium } from '@playwright/test'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { launchOptions } from './harness/chromium.mjs'

const { values, positionals: paths } = parseArgs({
  allowPositionals: true,
  options: {
    base: { type: 'string' },
    cookie: { type: 'string', multiple: true, default: [] },
    login: { type: 'string' },
    locale: { type: 'string', default: 'zh-CN' },
    widths: { type: 'string', default: '390,1280,1920' },
    out: { type: 'string', default: join(import.meta.dirname, 'out/shots') },
  },
})
if (!values.base || paths.length === 0) {
  console.error('--base URL and at least one PATH are needed')
  process.exit(2)
}

/** `/cases?late=1` becomes `cases-late-1`. */
const fileName = (path) => path.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'home'

const browser = await chromium.launch(launchOptions())
let failed = 0
try {
  const context = await browser.newContext({
    baseURL: values.base,
    locale: values.locale,
    timezoneId: 'Asia/Shanghai',
  })
  for (const cookie of values.cookie) {
    const cut = cookie.indexOf('=')
    await context.addCookies([{ name: cookie.slice(0, cut), value: cookie.slice(cut + 1), url: values.base }])
  }
  const page = await context.newPage()
  if (values.login) {
    await page.goto('/login')
    await page.locator(`button[data-demo-login="${values.login}"]`).click()
    await page.waitForURL((url) => !url.pathname.startsWith('/login') && !url.pathname.startsWith('/demo/login'))
  }
  for (const path of paths) {
    for (const width of values.widths.split(',').map(Number)) {
      await page.setViewportSize({ width, height: width < 600 ? 844 : 900 })
      // Not `networkidle`: pages with live updates keep a connection open.
      const answer = await page.goto(path)
      await page.evaluate(() => document.fonts.ready)
      const file = join(resolve(values.out), `${fileName(path)}-${width}.png`)
      await page.screenshot({ path: file, fullPage: true, animations: 'disabled' })
      // A page wider than the window scrolls sideways, which nobody wants on a phone.
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      const status = answer?.status() ?? 0
      if (status >= 400) failed += 1
      console.log(`${status} ${file}${wide > 0 ? `  ${wide} px too wide` : ''}`)
    }
  }
} finally {
  await browser.close()
}
process.exit(failed ? 1 : 0)
