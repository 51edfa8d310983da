// A task, asked of one.
import { type Page, expect } from './index.ts'

/** Gives a task to one receiver, who stands under a kind that may be folded. */
export async function giveTask(giver: Page, text: string, kind: string, to: string | RegExp): Promise<void> {
  await giver.goto('/tasks/new')
  await giver.getByLabel('交办内容').fill(`${text}。`)
  const one = giver.getByLabel(to, { exact: true })
  if (!(await one.isVisible())) await giver.locator('form#f-task summary').filter({ hasText: kind }).first().click()
  await one.check()
  await giver.keyboard.press('Control+Enter')
  await expect(giver.locator('.notice.ok')).toContainText('已交办给 1 个单位')
}
