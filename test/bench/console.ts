import { rmSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { BrowserContext, Page } from 'playwright-core'
import { consolePages } from '../browser/pages.ts'
import { openBrowserStand, signIn } from '../browser/stand.ts'
import { temporaryDir } from '../fakes/stand.ts'
import { percentile } from './machine.ts'

const rounds = 7

/**
 * What a browser loads and how long a person waits: a fresh browser context signed in, each page opened `rounds` times with a cold
 * cache, until its data is on the screen. The demo runs beside it on the same machine.
 */
export async function benchConsole(): Promise<Record<string, string>> {
  const dir = temporaryDir('bench-console')
  const stand = await openBrowserStand(dir)
  const figures: Record<string, string> = {}
  try {
    const { context, page } = await signIn(stand)
    for (const { name, path, ready } of consolePages.filter((one) =>
      ['overview', 'calls', 'coverage'].includes(one.name),
    )) {
      const url = `${stand.origin}${await path(page)}`
      const times: number[] = []
      let scripts = 0
      for (let round = 0; round < rounds; round++) {
        const cold = await coldPage(context)
        const sizes = watchScripts(cold)
        const started = performance.now()
        await cold.goto(url)
        await ready(cold)
        times.push(performance.now() - started)
        scripts = await sizes()
        await cold.close()
      }
      figures[`${name}: JavaScript, gzip`] = `${(scripts / 1000).toFixed(0)} kB`
      figures[`${name}: until its data is there`] =
        `median ${percentile(times, 0.5).toFixed(0)} ms, longest ${Math.max(...times).toFixed(0)} ms`
    }
    return figures
  } finally {
    await stand.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** A page that has nothing in its cache. */
async function coldPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  return page
}

function watchScripts(page: Page): () => Promise<number> {
  const bodies: Promise<Buffer>[] = []
  page.on('response', (answer) => {
    if (answer.url().endsWith('.js')) bodies.push(answer.body())
  })
  return async () => (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body).length, 0)
}
