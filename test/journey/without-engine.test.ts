import { fork } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Account, startAccount } from '../../simulator/src/account/start-account.ts'
import { writeProgramConfig } from '../fakes/program.ts'
import { rawStandConfig, temporaryDir } from '../fakes/stand.ts'

// The build on a machine that could not install the embedded engine: the same packages, without chdb.

const root = join(import.meta.dirname, '../..')
const place = temporaryDir('without-engine')
const engine = new Set(['chdb', '@chdb'])
let account: Account
let config: string

beforeAll(async () => {
  for (const part of ['bin', 'dist', 'package.json']) cpSync(join(root, part), join(place, part), { recursive: true })
  mkdirSync(join(place, 'node_modules'))
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!engine.has(name)) symlinkSync(join(root, 'node_modules', name), join(place, 'node_modules', name))
  account = await startAccount({ dataDir: join(place, 'simulator'), seed: 3 })
  config = writeProgramConfig(place, rawStandConfig(join(place, 'data'), account))
})
afterAll(async () => {
  await account.close()
  rmSync(place, { recursive: true, force: true })
})

function run(...args: string[]) {
  const child = fork(join(place, 'bin/triptych.js'), ['--config', config, ...args], { cwd: place, silent: true })
  let output = ''
  const ready = new Promise<string>((resolve) => {
    child.on('message', (message: { type?: string; url?: string; text?: string }) => {
      output += message.text ?? ''
      if (message.type === 'ready') resolve(message.url ?? '')
    })
  })
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 1)))
  return { child, ready, ended, output: () => output }
}

test('the gateway starts without the embedded engine, and answers', async () => {
  const gateway = run('gateway')
  expect((await fetch(`${await gateway.ready}/healthz`)).status).toBe(200)
  gateway.child.send({ type: 'stop' })
  expect(await gateway.ended).toBe(0)
})

test('the hub says that the engine is missing and what to do, under a stable code', async () => {
  const hub = run('hub')
  expect(await hub.ended).toBe(3)
  expect(hub.output()).toContain('STORE_ENGINE_MISSING')
  expect(hub.output()).toContain('store.url')
})
