// Who is on duty today, as the keeper of the duty lists sets it.
import { type Locator, type Page, expect } from './index.ts'

/** Puts somebody on the shift of the duty officer that goes on now, or begins on a day of this month. */
export async function onDuty(keeper: Page, name: string, day?: number): Promise<void> {
  await keeper.goto('/roster')
  const number = keeper.locator('p.d > b').filter({ hasText: new RegExp(`^${day}$`) })
  const cell = day ? keeper.locator('.month td', { has: number }) : keeper.locator('td.today')
  await takeShift(keeper, cell.locator('a').filter({ hasText: '值班员' }).first(), name, '顶班')
}

/** Opens a shift of the list and puts somebody on it. */
export async function takeShift(keeper: Page, shift: Locator, name: string, reason: string): Promise<void> {
  await shift.click()
  const form = keeper.locator('form[action$="/change"]')
  const option = form.locator('option').filter({ hasText: name })
  await form.getByLabel('人员').selectOption((await option.getAttribute('value'))!)
  await form.getByLabel('原因').fill(reason)
  await form.getByRole('button', { name: '换上' }).click()
  await expect(keeper.locator('.notice.ok')).toContainText('已换人')
}
