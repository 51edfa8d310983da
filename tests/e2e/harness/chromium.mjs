// The browser of the system. Playwright's own builds are not used: the journeys run in the browser that people can
// install from their system's packages.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const apps = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

function runs(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The browser's file: `CHROMIUM`, or the first found on PATH. */
function executable() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name)))
  const file = [process.env.CHROMIUM ?? '', ...found, ...apps].find((f) => f !== '' && runs(f))
  if (!file) throw new Error('no Chromium was found: install it (Debian package chromium) or set CHROMIUM')
  return file
}

/** How to start it: without a sandbox only where Chromium demands it, and without calls to its maker's hosts. */
export function launchOptions() {
  const root = process.getuid?.() === 0
  return {
    executablePath: executable(),
    chromiumSandbox: !root,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // A tone instead of the machine's microphone, for whoever was given leave to use it.
      '--use-fake-device-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
    ],
  }
}
