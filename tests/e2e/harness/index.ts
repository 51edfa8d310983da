// What a journey is written with: `import { test, expect } from './harness/index.ts'`.
import { AxeBuilder } from '@axe-core/playwright'
import { type BrowserContext, type BrowserContextOptions, type Locator, type Page, test as base, expect } from '@playwright/test'
import { basename, join } from 'node:path'
import { Office, type OfficeKind, startPatience } from './office.ts'
import { out } from './settings.ts'

export { expect }
export type { BrowserContextOptions, Locator, Page }

/** An ordinary Thursday, far from holidays: the day of an office that is told no other. */
export const day = '2026-03-12'

/** An instant of that day: `at('09:40')`. */
export const at = (time: string): string => `${day}T${time}:00+08:00`

/** A phone held upright. */
export const phone = { viewport: { width: 390, height: 844 } }

/** The office of the file that a worker is at. */
interface Desk {
  for(file: string, clock: string, kind: OfficeKind): Promise<Office>
}

interface WorkerFixtures {
  desk: Desk
}

export interface Fixtures {
  /** Where the clock stands when the office is made: `test.use({ startClock: '2026-09-28T10:00:00+08:00' })`. */
  startClock: string
  /** Which office is made: `test.use({ kind: 'none' })`. */
  kind: OfficeKind
  /** The running office. The tests of one file with one startClock share it, in their order; no two files do. */
  office: Office
  /** A page without log-in, in a browser of its own: `await visitor({ javaScriptEnabled: false })`. */
  visitor: (options?: BrowserContextOptions) => Promise<Page>
  /** A page logged in as one of the demo office's people, in a browser of its own: `await asRole('dispatcher')`. */
  asRole: (login: string, options?: BrowserContextOptions) => Promise<Page>
  /** Moves the office's clock: `setClock('2026-03-13T18:00:00+08:00')`. The browser's own clock goes on. */
  setClock: (instant: string) => void
  /** Asserts that axe finds nothing serious or critical by WCAG 2.2 AA on the page as it stands. */
  axe: (page: Page) => Promise<void>
  /** A picture of the whole page: out/<database>/shots/<file>-<name>-<width>.png */
  shot: (page: Page, name: string) => Promise<void>
  /** Both: axe on the page as it stands, and a picture of it. */
  shown: (page: Page, name: string) => Promise<void>
  /** Script errors and breaches of the content security policy seen so far; the test fails unless it ends empty. */
  problems: string[]
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  desk: [
    async ({}, use) => {
      let at = ''
      let office: Office | undefined
      const leave = async () => {
        const old = office
        office = undefined
        await old?.stop()
      }
      await use({
        async for(file, clock, kind) {
          const place = `${file} ${clock} ${kind}`
          if (!office || at !== place) {
            await leave()
            office = await Office.start(basename(file, '.spec.ts'), clock, kind)
            at = place
          }
          return office
        },
      })
      await leave()
    },
    { scope: 'worker', timeout: startPatience },
  ],

  startClock: [at('09:30'), { option: true }],
  kind: ['small', { option: true }],

  // Slow at most once a file, and not at the cost of the test's own time.
  office: [
    async ({ desk, startClock, kind }, use, info) => {
      await use(await desk.for(info.file, startClock, kind))
    },
    { timeout: startPatience + 20_000 },
  ],

  baseURL: async ({ office }, use) => use(office.url),

  problems: async ({}, use) => {
    const problems: string[] = []
    await use(problems)
    expect(problems, 'script errors and breaches of the content security policy').toEqual([])
  },

  context: async ({ context, problems }, use) => {
    watch(context, problems)
    await use(context)
  },

  visitor: async ({ browser, baseURL, problems }, use) => {
    const contexts: BrowserContext[] = []
    await use(async (options = {}) => {
      const context = await browser.newContext({ ...(baseURL ? { baseURL } : {}), ...options })
      contexts.push(context)
      watch(context, problems)
      return context.newPage()
    })
    for (const context of contexts) await context.close()
  },

  asRole: async ({ visitor }, use) => {
    await use(async (login, options) => {
      const page = await visitor(options)
      await page.goto('/login')
      await page.locator(`button[data-demo-login="${login}"]`).click()
      await page.waitForURL((url) => !url.pathname.startsWith('/login') && !url.pathname.startsWith('/demo/login'))
      return page
    })
  },

  setClock: async ({ office }, use) => use((instant) => office.setClock(instant)),

  axe: async ({}, use) => use(expectAccessible),

  shot: async ({}, use, info) => {
    await use(async (page, name) => {
      const width = page.viewportSize()?.width ?? 0
      const file = `${basename(info.file, '.spec.ts')}-${name}-${width}.png`
      // Hiding the caret leaves empty style attributes behind, which the content security policy then reports.
      const path = join(out, 'shots', file)
      await page.screenshot({ path, fullPage: true, animations: 'disabled', caret: 'initial' })
    })
  },

  shown: async ({ axe, shot }, use) => {
    await use(async (page, name) => {
      await axe(page)
      await shot(page, name)
    })
  },
})

function watch(context: BrowserContext, problems: string[]): void {
  context.on('weberror', (event) => {
    problems.push(`${event.page()?.url()}: ${event.error().message}`)
  })
  context.on('console', (message) => {
    if (message.type() === 'error' && /content security policy/i.test(message.text())) {
      problems.push(`${message.page()?.url()}: ${message.text()}`)
    }
  })
}

async function expectAccessible(page: Page): Promise<void> {
  // A word that is asked for and not there is drawn as its key in brackets.
  const text = await page.locator('body').innerText()
  expect(text.match(/\[[a-z]+(-[a-z0-9_]+)+\]/g) ?? [], `words that are missing on ${page.url()}`).toEqual([])
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
  const stood = await scrolled(page, null)
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze()
  await scrolled(page, stood)
  const grave = violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .flatMap((v) => v.nodes.map((node) => `${v.id} (${v.impact}) at ${node.target.join(' ')}: ${v.help}`))
  expect(grave, `axe on ${page.url()}`).toEqual([])
}

/**
 * What scrolls behind a bar of acts goes to its end, where the bar covers nothing: half a target below it would be
 * taken for a small one. With places, back to where it stood.
 */
function scrolled(page: Page, places: number[] | null): Promise<number[]> {
  return page.evaluate((to) => {
    const parts = document.querySelector('.acts') ? [...document.querySelectorAll('.detail'), document.scrollingElement] : []
    return parts.map((part, i) => {
      const stood = part?.scrollTop ?? 0
      part?.scrollTo({ top: to ? (to[i] ?? 0) : part.scrollHeight, behavior: 'instant' })
      return stood
    })
  }, places)
}
