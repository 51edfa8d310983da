import { expect, test } from './harness/index.ts'

for (const width of [390, 1280]) {
  test(`the log-in page opens at ${width} px, offers the demo log-ins and passes axe`, async ({ visitor, shown }) => {
    const page = await visitor({ viewport: { width, height: 800 } })
    const answer = await page.goto('/login')
    expect(answer?.status()).toBe(200)
    await expect(page.locator('button[data-demo-login]').first()).toBeVisible()
    await shown(page, 'login')
  })
}
