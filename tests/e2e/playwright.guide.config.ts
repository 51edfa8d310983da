// The pictures of docs/guide: `cargo xtask guide`. No part of the checks.
import { defineConfig } from '@playwright/test'
import journeys from './playwright.config.ts'

export default defineConfig({ ...journeys, testDir: './guide', testMatch: '*.pictures.ts', workers: 1 })
