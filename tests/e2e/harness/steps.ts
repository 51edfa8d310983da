// Counting what a person does: each click and each key pressed is one step. A text that is typed counts its keys.
import { type Locator, type Page, expect } from './index.ts'

/** A page on which each click and key is counted. */
export class Hand {
  steps = 0

  constructor(readonly page: Page) {}

  async click(on: Locator): Promise<void> {
    this.steps += 1
    await on.click()
  }

  async press(key: string): Promise<void> {
    this.steps += 1
    await this.page.keyboard.press(key)
  }

  async type(into: Locator, text: string): Promise<void> {
    this.steps += text.length
    await into.pressSequentially(text)
  }

  /** Copies with a key of the page, as one does before pasting elsewhere: the click, and the paste there. */
  async carry(key: Locator): Promise<void> {
    await this.click(key)
    this.steps += 2
    await expect(key).toBeVisible()
  }
}
