import { rmSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryDir } from '../fakes/stand.ts'
import { consolePages } from './pages.ts'
import { type BrowserStand, openBrowserStand, signIn, watchPage } from './stand.ts'

const dir = temporaryDir('browser-access')
let stand: BrowserStand
beforeAll(async () => {
  stand = await openBrowserStand(dir)
}, 240_000)
afterAll(async () => {
  await stand.close()
  rmSync(dir, { recursive: true, force: true })
})

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const looks = [
  { colorScheme: 'light', width: 1440 },
  { colorScheme: 'dark', width: 1440 },
  { colorScheme: 'light', width: 390 },
  { colorScheme: 'dark', width: 390 },
] as const

describe.each(looks)('$colorScheme, $width wide', ({ colorScheme, width }) => {
  test('axe finds nothing, the page does not scroll sideways, nothing is asked of another origin', async () => {
    const { context, page } = await signIn(stand, { colorScheme, viewport: { width, height: 900 } })
    const seen = watchPage(page, stand.origin)
    for (const { name, path, ready } of consolePages) {
      await page.goto(stand.origin + (await path(page)))
      await ready(page)
      await page.waitForLoadState('load')
      const { violations, passes } = await new AxeBuilder({ page }).withTags(tags).analyze()
      // A gate that looked at nothing would find nothing.
      expect(passes.length, name).toBeGreaterThan(10)
      expect(
        violations.flatMap(({ id, nodes }) =>
          nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
        ),
        name,
      ).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBeLessThanOrEqual(width)
    }
    expect(seen).toEqual([])
    await context.close()
  })
})

test('no session, no table: the sign-in page is clean too', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await stand.browser.newContext({ colorScheme })
    const page = await context.newPage()
    await page.goto(stand.origin)
    await page.getByText('You are not signed in').waitFor()
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze()
    expect(violations.map(({ id }) => id)).toEqual([])
    await context.close()
  }
})
