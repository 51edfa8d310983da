import { defineConfig } from '@playwright/test'
import { launchOptions } from './harness/chromium.mjs'
import { out } from './harness/settings.ts'

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: `${out}/failed`,
  // Each worker has an office and a browser of its own; two keep two cores busy.
  workers: Number(process.env.GEZHI_E2E_WORKERS ?? 2),
  fullyParallel: false,
  forbidOnly: !!process.env.CI,
  // An unsteady journey is to be seen, not to be tried again. Only a shared machine that may stall tries once more, and
  // its report names what was unsteady.
  retries: process.env.CI ? 1 : 0,
  timeout: 180_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    launchOptions: launchOptions(),
    viewport: { width: 1280, height: 800 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    screenshot: 'only-on-failure',
    // By hand the first failure is looked at; where a try is given again, only that one is recorded.
    trace: process.env.CI ? 'on-first-retry' : 'retain-on-failure',
  },
})
