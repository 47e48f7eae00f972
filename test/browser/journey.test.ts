import { rmSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryDir } from '../fakes/stand.ts'
import { type BrowserStand, openBrowserStand, signIn, watchPage } from './stand.ts'

// Somebody opens the printed link and works: finds the bypass, reads why, has it proven, shares it.

const dir = temporaryDir('browser')
let stand: BrowserStand
beforeAll(async () => {
  stand = await openBrowserStand(dir)
}, 240_000)
afterAll(async () => {
  await stand.close()
  rmSync(dir, { recursive: true, force: true })
})

const firstCells = (page: Page) => page.locator('table.calls tbody tr[aria-rowindex] td:first-child').allTextContents()

test('without a session the console says what to do, and a link that was used says so', async () => {
  const page = await stand.browser.newPage()
  await page.goto(`${stand.origin}/calls?verdict=bypass`)
  await page.getByText('You are not signed in').waitFor()
  await page.goto(`${stand.origin}/#/sign-in?link=${'a'.repeat(43)}`)
  await page.getByRole('alert').getByText('This link opens nothing any more').waitFor()
  expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0)
  expect(await page.locator('body').textContent()).not.toContain('`')
  expect(page.url()).toBe(`${stand.origin}/`)
  await page.close()
})

test('from the printed link to the bypass, why it is one, and the same list in another browser', async () => {
  const context = await stand.browser.newContext()
  const page = await context.newPage()
  const seen = watchPage(page, stand.origin)
  const link = await stand.link()
  await page.goto(link)
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  // The word of the link stays in no place from which it could be read again.
  expect(page.url()).toBe(`${stand.origin}/`)
  expect(await page.title()).toBe('Overview · Triptych (simulated)')

  await page.getByRole('link', { name: /Accusing: / }).waitFor()
  const accusing = Number((await page.getByRole('link', { name: /Accusing: / }).textContent())?.replace(/\D/g, ''))
  expect(accusing).toBeGreaterThan(0)

  await page.getByRole('link', { name: /Bypass.*Bedrock API key/ }).click()
  await page.getByRole('heading', { name: /^Calls/, level: 1 }).waitFor()
  expect(page.url()).toContain('verdict=bypass')
  expect(page.url()).toContain('finding=bypass:bearer_key')
  await page.locator('table.calls tbody tr[aria-rowindex]').first().waitFor()
  await page.keyboard.press('j')
  await page.getByText('AWS saw it and no gateway of ours sent it: it came with a Bedrock API key').first().waitFor()
  await page.getByRole('link', { name: 'Open the call', exact: true }).click()
  await page.getByRole('heading', { name: /Bypass/, level: 1 }).waitFor()
  await page.getByText('Rule 2 of 12').waitFor()
  await page.getByRole('columnheader', { name: /Access.*CloudTrail/ }).waitFor()

  await page.goBack()
  await page.locator('table.calls tbody tr[aria-rowindex]').first().waitFor()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  const shared = page.url()
  const here = (await firstCells(page)).length
  const other = await signIn(stand)
  await other.page.goto(shared)
  await other.page.locator('table.calls tbody tr[aria-rowindex]').first().waitFor()
  expect((await firstCells(other.page)).length).toBeGreaterThanOrEqual(here)
  await other.page.getByText('Verdict is Bypass').waitFor()
  await other.context.close()
  expect(seen).toEqual([])
  await context.close()
})

test('the receipt of the bypass is verified by the browser, goes on from what it saw before, and a changed byte is named', async () => {
  const { context, page } = await signIn(stand)
  await page.goto(`${stand.origin}/calls?verdict=bypass&until=30s`)
  await page.locator('table.calls tbody tr[aria-rowindex]').first().waitFor()
  await page.keyboard.press('j')
  await page.getByRole('link', { name: 'Open the call', exact: true }).click()
  const receipt = page.getByRole('region', { name: 'Receipt' })
  // No gateway wrote a record of a bypass: what can be proven is what AWS delivered.
  await receipt.getByText('Verified by this browser.').waitFor()
  for (const line of ['Record: pass', 'Inclusion: pass', 'Checkpoint signature: pass', 'Outside copy: not checked'])
    await receipt.getByText(line).waitFor()
  await page.reload()
  await receipt.getByText('Consistency: pass').waitFor()

  await page.route('**/proof?*', async (route) => {
    const answer = await route.fetch()
    const lines = (await answer.text()).split('\n')
    // The third line is the first hash of the way to the root.
    lines[3] = (lines[3] ?? '').replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'))
    await route.fulfill({ response: answer, body: lines.join('\n') })
  })
  await receipt.getByRole('button', { name: 'Check again' }).click()
  await receipt.getByText('Inclusion: fail').waitFor()
  await receipt.getByText('Not verified: see the lines below.').waitFor()
  expect(await receipt.getByText('Verified by this browser.').count()).toBe(0)
  await context.close()
})

test('what an address cannot mean is named, and no row hides the way out', async () => {
  const { context, page } = await signIn(stand)
  await page.goto(`${stand.origin}/calls?verdict=nonsense&team=nobody`)
  await page.getByText('ignored: verdict=nonsense').waitFor()
  await page.getByText('0 calls fit all of these filters').waitFor()
  await page.getByRole('button', { name: 'Remove “Team is nobody”' }).click()
  await page.locator('table.calls tbody tr[aria-rowindex]').first().waitFor()
  expect(new URL(page.url()).searchParams.get('team')).toBeNull()
  await page.goBack()
  await page.getByText('0 calls fit all of these filters').waitFor()
  await context.close()
})

test('the whole way by keyboard: to the calls, into one, back to its row, and the help', async () => {
  const { context, page } = await signIn(stand)
  await page.keyboard.press('g')
  await page.keyboard.press('c')
  await page.getByRole('heading', { name: /^Calls/, level: 1 }).waitFor()
  await page.locator('table.calls tbody tr[aria-rowindex]').first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.getByText(/^2 of /).waitFor()
  const key = new URL(page.url()).searchParams.get('peek') ?? ''
  await page.keyboard.press('Escape')
  await page.getByRole('complementary', { name: 'The call that is looked at' }).waitFor({ state: 'detached' })
  // The focus is on the row that was looked at; Enter opens it.
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: /Call/, level: 1 }).waitFor()
  expect(page.url()).toContain(`/calls/${key}`)
  await page.keyboard.press('g')
  await page.keyboard.press('v')
  await page.getByRole('heading', { name: 'Coverage', level: 1 }).waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog').getByText('go to the coverage').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  // Whoever writes fires nothing.
  await page.keyboard.press('g')
  await page.keyboard.press('c')
  await page.locator('table.calls tbody tr[aria-rowindex]').first().waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('gjv')
  expect(await page.getByRole('searchbox').inputValue()).toBe('gjv')
  await context.close()
})

test('identity and content are shown for a reason only, say so where they were masked, and what was said stays text', async () => {
  const { context, page } = await signIn(stand)
  const seen = watchPage(page, stand.origin)
  await page.goto(`${stand.origin}/calls?verdict=corroborated&until=30s&operation=InvokeModel`)
  await page.locator('table.calls tbody tr[aria-rowindex] a').first().focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: /Corroborated/, level: 1 }).waitFor()
  // Escape closes the dialog and nothing below it.
  await page.getByRole('button', { name: 'reveal name…' }).first().click()
  await page.getByRole('button', { name: 'Close without showing' }).focus()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('heading', { name: /Corroborated/, level: 1 }).waitFor()
  const send = page.getByRole('button', { name: 'Record and show' })
  for (const [link, head] of [
    ['reveal name…', 'Who it was, shown for a reason'],
    ['reveal content…', 'What was said, shown for a reason'],
  ] as const) {
    await page.getByRole('button', { name: link }).first().click()
    expect(await send.isDisabled()).toBe(true)
    await page.getByRole('textbox', { name: /In words/ }).fill('looking into an incident')
    await send.click()
    const part = page.getByRole('region', { name: head })
    await part.getByText(/this read is recorded as hub \d+; hidden again at \d\d:\d\d/).waitFor()
    expect(await part.and(page.locator(':focus')).count()).toBe(1)
    // No second record for what is in sight already.
    await page
      .getByText(/shown above until \d\d:\d\d/)
      .first()
      .waitFor()
    expect(await page.getByRole('button', { name: link }).count()).toBe(0)
  }
  await page.getByRole('heading', { name: 'Prompt', exact: true }).waitFor()
  expect(await page.locator('.inert a, .inert img, .inert script').count()).toBe(0)
  await page.getByRole('button', { name: 'hide content' }).first().click()
  expect(await page.getByRole('heading', { name: 'Prompt', exact: true }).count()).toBe(0)
  await page.getByRole('button', { name: 'reveal content…' }).first().waitFor()
  await page.getByRole('button', { name: 'Hide now' }).click()
  expect(await page.getByText(/this read is recorded as/).count()).toBe(0)
  expect(seen).toEqual([])
  await context.close()
})

test('a session without the role is told so before it gives a reason', async () => {
  const { context, page } = await signIn(stand, {}, ['viewer'])
  await page.goto(`${stand.origin}/calls?verdict=corroborated&until=30s&operation=InvokeModel`)
  await page.locator('table.calls tbody tr[aria-rowindex] a').first().focus()
  await page.keyboard.press('Enter')
  await page.getByText('masked; needs the investigator or privacy role').first().waitFor()
  await page.getByText('masked; needs the content role').first().waitFor()
  expect(await page.getByRole('button', { name: /reveal/ }).count()).toBe(0)
  await context.close()
})

test('a receipt is of how the call ended, as on the command line', async () => {
  const { context, page } = await signIn(stand)
  await page.goto(`${stand.origin}/calls?verdict=corroborated&until=30s&operation=InvokeModel`)
  await page.locator('table.calls tbody tr[aria-rowindex] a').first().focus()
  await page.keyboard.press('Enter')
  const receipt = page.getByRole('region', { name: 'Receipt' })
  await receipt.getByText('Verified by this browser.').waitFor()
  expect(await receipt.getByRole('radio', { checked: true }).locator('xpath=..').textContent()).toBe('Outcome')
  await context.close()
})

test('/ finds a call from every page, and Escape leads from a call to the list it came from', async () => {
  const { context, page } = await signIn(stand)
  const search = page.getByRole('searchbox')
  for (const path of ['/?since=6h', '/coverage?since=6h']) {
    await page.goto(stand.origin + path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('/')
    await search.waitFor()
    await page.keyboard.type('x')
    await expect.poll(() => search.inputValue()).toBe('x')
    expect(new URL(page.url()).searchParams.get('since')).toBe('6h')
  }
  await page.goto(`${stand.origin}/calls?verdict=bypass&since=30h`)
  await page.locator('table.calls tbody tr[aria-rowindex] a').first().focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Three witnesses' }).waitFor()
  // Narrowing the fields is no step of the history.
  await page.getByRole('checkbox', { name: /Differences only/ }).click()
  await page.waitForURL(/fields=/)
  await page.keyboard.press('Escape')
  // The address of the list as it was, filters and all.
  await page.waitForURL(`${stand.origin}/calls?verdict=bypass&since=30h`)
  await page.goForward()
  await page.getByRole('heading', { name: 'Three witnesses' }).waitFor()
  await page.keyboard.press('/')
  await search.waitFor()
  await search.and(page.locator(':focus')).waitFor()
  expect(new URL(page.url()).searchParams.get('since')).toBe('30h')
  // Whoever opened the call from elsewhere gets the list.
  const direct = await context.newPage()
  await page.goBack()
  await page.getByRole('heading', { name: 'Three witnesses' }).waitFor()
  await direct.goto(page.url())
  await direct.getByRole('heading', { name: 'Three witnesses' }).waitFor()
  await direct.keyboard.press('Escape')
  await direct.getByRole('heading', { name: /^Calls/, level: 1 }).waitFor()
  await context.close()
})

test('on a narrow screen every column of the coverage can be reached inside its box', async () => {
  const { context, page } = await signIn(stand, { viewport: { width: 390, height: 844 } })
  await page.goto(`${stand.origin}/coverage`)
  const box = page.locator('.scroll-box:has(.grid-down)')
  await box.waitFor()
  const heads = await box.locator('thead th').count()
  expect(heads).toBeGreaterThan(3)
  const last = box.locator('thead th').last()
  const places = async () => {
    const [inner, outer] = [await last.boundingBox(), await box.boundingBox()]
    return (inner?.x ?? 0) + (inner?.width ?? 0) - ((outer?.x ?? 0) + (outer?.width ?? 0))
  }
  // Where the last column is out of sight, the box says so and can be scrolled by the keyboard.
  if ((await places()) > 1) {
    expect(await box.getAttribute('data-more')).toContain('right')
    await box.focus()
    await box.evaluate((element) => element.scrollTo({ left: 10_000 }))
  }
  expect(await places()).toBeLessThanOrEqual(1)
  expect(await box.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  await context.close()
})

test('the theme is switched and stays switched', async () => {
  const { context, page } = await signIn(stand, { colorScheme: 'light' })
  const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
  expect(await paper()).toBe('rgb(255, 255, 255)')
  await page.getByRole('radio', { name: 'Dark' }).check()
  expect(await paper()).toBe('rgb(17, 20, 24)')
  await page.reload()
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  expect(await paper()).toBe('rgb(17, 20, 24)')
  await context.close()
})

test('a session is read as one conversation: each turn once, for a reason, and forgotten when it is hidden', async () => {
  const { context, page } = await signIn(stand, {}, ['content'])
  await page.goto(`${stand.origin}/sessions`)
  const { sessions } = await (await page.request.get(`${stand.origin}/api/v1/sessions`)).json()
  // The longest: some calls of other programs have no history to send again.
  const [long] = sessions
    .filter((one: { withContent: number; calls: number }) => one.withContent === one.calls)
    .sort((one: { calls: number }, other: { calls: number }) => other.calls - one.calls)
  await page.goto(`${stand.origin}/sessions/${long.session}?who=${long.who}`)
  await page.getByRole('button', { name: 'Show what was said' }).click()
  await page.getByLabel('In words, at least 10 characters').fill('reading one session for the audit')
  await page.getByRole('button', { name: 'Record and show' }).click()
  await page.getByText('begins a thread').first().waitFor()
  await page.getByText('sent again').first().waitFor()
  expect(await page.locator('.conversation > li').count()).toBeGreaterThan(1)
  const texts = await page.locator('.side[data-side="client"] > .block[data-kind="text"] pre').allTextContents()
  expect(new Set(texts).size).toBe(texts.length)
  await page.getByRole('button', { name: 'Hide now' }).click()
  expect(await page.locator('.conversation').count()).toBe(0)
  await context.close()
})
