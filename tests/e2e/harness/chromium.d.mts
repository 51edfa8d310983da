import type { LaunchOptions } from '@playwright/test'
/** How to start the browser of the system. */
export function launchOptions(): LaunchOptions
