// Pictures of every page, light and dark, wide and narrow: docs/screens/. They show the built program on a simulated account.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { consolePages } from '../test/browser/pages.ts'
import { openBrowserStand, signIn } from '../test/browser/stand.ts'

const screens = join(import.meta.dirname, '../docs/screens')
const looks = [
  { colorScheme: 'light', width: 1440, height: 900 },
  { colorScheme: 'dark', width: 1440, height: 900 },
  { colorScheme: 'light', width: 390, height: 844 },
  { colorScheme: 'dark', width: 390, height: 844 },
] as const

const dir = mkdtempSync(join(tmpdir(), 'screens-'))
const stand = await openBrowserStand(dir)
try {
  mkdirSync(screens, { recursive: true })
  for (const { colorScheme, width, height } of looks) {
    const { context, page } = await signIn(stand, { colorScheme, viewport: { width, height }, reducedMotion: 'reduce' })
    for (const { name, path, ready } of consolePages) {
      await page.goto(stand.origin + (await path(page)))
      await ready(page)
      await page.waitForTimeout(1_500)
      await page.screenshot({
        path: join(screens, `${name}-${colorScheme}-${width}.png`),
        fullPage: width > 1000 && !name.startsWith('calls'),
      })
    }
    await context.close()
  }
} finally {
  await stand.close()
  rmSync(dir, { recursive: true, force: true })
}
