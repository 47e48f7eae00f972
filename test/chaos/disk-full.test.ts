import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { accessKeys } from '../../simulator/src/account/estate.ts'
import { type Account, startAccount } from '../../simulator/src/account/start-account.ts'
import { people } from '../../simulator/src/company/people.ts'
import { type RunningGateway, startGateway } from '../../src/app/compose/gateway.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { startCallers } from '../fakes/callers.ts'
import { eventually } from '../fakes/program.ts'
import { journalOf, standConfig, temporaryDir } from '../fakes/stand.ts'

// A disk that is really full, under load: first to the reserve, then to the last byte, twice.

const dir = temporaryDir('full')
const disk = join(dir, 'disk')
const isMounted = mountSmallDisk()
let account: Account | undefined
let gateway: RunningGateway | undefined

afterAll(async () => {
  await gateway?.close()
  await account?.close()
  if (isMounted) execFileSync('umount', [disk])
  rmSync(dir, { recursive: true, force: true })
})

function mountSmallDisk(): boolean {
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Fills the disk until so many bytes are free. */
function fill(name: string, leaveFree: number): void {
  const file = openSync(join(disk, name), 'w')
  try {
    for (;;) {
      const { bavail, bsize } = statfsSync(disk)
      const room = bavail * bsize - leaveFree
      if (room <= 0) return
      writeSync(file, Buffer.alloc(Math.min(room, 64 * 1024)))
    }
  } catch {
    // Somebody else took the last page.
  } finally {
    closeSync(file)
  }
}

test.skipIf(!isMounted)(
  'what AWS was sent is recorded, each call with its outcome, through a disk that is full to the last byte',
  async () => {
    process.env['AWS_ACCESS_KEY_ID'] = accessKeys.gateway.accessKeyId
    process.env['AWS_SECRET_ACCESS_KEY'] = accessKeys.gateway.secretAccessKey
    account = await startAccount({
      dataDir: join(dir, 'simulator'),
      seed: 5,
      latency: { firstByteMs: [5, 60], chunkMs: [1, 6] },
    })
    const data = join(disk, 'data')
    const config = standConfig(data, account, {
      gateway: { journal: { segmentBytes: 20_000, reserveBytes: 1_000_000 }, accessLog: false },
    })
    const log: string[] = []
    gateway = await startGateway(
      config,
      systemClock,
      createLogger('info', (line) => void log.push(line)),
    )
    const { url } = gateway
    const ready = async () => (await fetch(`${url}/readyz`)).status
    const arrived = () => account?.parts.received.all().length ?? 0
    const callers = startCallers(
      url,
      await Promise.all(people.slice(0, 6).map((person) => account?.idp.token(person) ?? '')),
    )
    await eventually(
      async () => arrived(),
      (count) => count > 20,
    )

    // To the reserve: calls are refused, those that run end and are recorded.
    fill('other', 600_000)
    expect(await eventually(ready, (status) => status === 503)).toBe(503)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const atReserve = arrived()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(arrived()).toBe(atReserve)
    const open = async () => {
      const lines = await journalOf(data)
      const ended = new Set(lines.filter(({ type }) => type === 'call.outcome').map(({ body }) => body['call']))
      return lines.filter(({ type, body }) => type === 'call.intent' && !ended.has(body['call'])).length
    }
    expect(await eventually(open, (count) => count === 0)).toBe(0)
    unlinkSync(join(disk, 'other'))
    expect(await eventually(ready, (status) => status === 200)).toBe(200)

    // To the last byte, at once, in the middle of calls: faster than anybody watches.
    for (let round = 0; round < 2; round++) {
      const before = arrived()
      await eventually(
        async () => arrived(),
        (count) => count > before + 20,
      )
      fill('other', 0)
      await new Promise((resolve) => setTimeout(resolve, 700))
      unlinkSync(join(disk, 'other'))
      expect(await eventually(ready, (status) => status === 200)).toBe(200)
    }
    await callers.stop()
    expect(await eventually(open, (count) => count === 0)).toBe(0)
    const lines = await journalOf(data)
    const intents = lines.filter(({ type }) => type === 'call.intent').map(({ body }) => String(body['call']))
    const outcomes = lines.filter(({ type }) => type === 'call.outcome').map(({ body }) => String(body['call']))
    const sent = account.parts.received.all().map((call) => call.userAgent.split('call/')[1] ?? '')
    expect([...sent].sort()).toEqual([...intents].sort())
    expect([...outcomes].sort()).toEqual([...intents].sort())
    process.stdout.write(`full disk: sent ${sent.length}, intents ${intents.length}, records ${lines.length}\n`)
  },
)
