// What the three administrators do with accounts and posts, for journeys that are about those who hold them.
import { type Page, expect } from './index.ts'

/** Opens somebody's account from the list, found by name. */
export async function openAccount(page: Page, name: string): Promise<void> {
  await page.goto('/people')
  await page.getByLabel('查找').fill(name)
  await page.getByLabel('查找').press('Enter')
  await page.getByRole('link', { name, exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
}

/** Opens a post from the list, narrowed to its unit. */
export async function openPost(page: Page, unit: string, title: string): Promise<void> {
  await page.goto('/posts')
  await page.locator('#f-unit').selectOption({ label: unit })
  await page.waitForURL(/unit=\d+/)
  await page.locator('table.fold').getByRole('link', { name: title }).click()
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible()
}

/** The system administrator makes a post of a unit. */
export async function makePost(system: Page, unit: string, title: string): Promise<void> {
  await system.goto('/posts/new')
  await system.getByLabel('岗位名称').fill(title)
  await system.locator('#f-kind').selectOption({ label: '工作人员' })
  await system.locator('#f-unit').selectOption({ label: unit })
  await system.getByRole('button', { name: '保存' }).click()
  await expect(system.getByRole('heading', { level: 1, name: title })).toBeVisible()
}

/** The security administrator asks for a right of a post and for who is to hold it. */
export async function askFor(security: Page, [unit, title]: [string, string], role: string, name: string): Promise<void> {
  await openPost(security, unit, title)
  await security.locator('#f-role').selectOption({ label: role })
  await security.locator('#role').getByRole('button', { name: '提出' }).click()
  await expect(security.getByText('已提出，等待另一人确认。')).toBeVisible()
  await security.locator('#f-account').selectOption({ label: name })
  await security.locator('#fill').getByRole('button', { name: '确定' }).click()
  await expect(security.locator('table').getByText('待确认').first()).toBeVisible()
}

/** The auditor confirms everything that waits. */
export async function confirmAll(auditor: Page): Promise<void> {
  await auditor.goto('/people/grants')
  const keys = auditor.getByRole('button', { name: '确认', exact: true })
  await expect(keys.first()).toBeVisible()
  for (let left = await keys.count(); left > 0; left -= 1) {
    await keys.first().click()
    await expect(auditor.getByText('授权已生效。')).toBeVisible()
    await expect(keys).toHaveCount(left - 1)
  }
}
