import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { withLock } from '../src/lock.ts'
import { stateDir } from '../src/places.ts'
import type { SignIn } from '../src/sign-in.ts'
import { openStore } from '../src/store.ts'
import { keychainLaptop } from './fake-keychains.ts'
import { distribute, laptop } from './laptop.ts'

const signIn: SignIn = {
  settings: {
    issuer: 'https://idp.example.com',
    client_id: 'laptop',
    scope: 'openid',
    parameters: {},
    token: 'access_token',
    flow: 'auto',
    redirect_port: 0,
    storage: 'auto',
    refresh_before_seconds: 60,
    timeout_seconds: 10,
    login_timeout_seconds: 300,
  },
  who: 'alice',
  // Longer than what macOS takes in one command.
  token: `token-canary-${'x'.repeat(6000)}`,
  expiresAt: Date.now() + 3_600_000,
  refreshToken: 'refresh-canary',
}

for (const [platform, name] of [
  ['linux', 'secret-service'],
  ['darwin', 'macos-keychain'],
  ['win32', 'dpapi'],
] as const) {
  test(`on ${platform} the sign-in opens only with the key in ${name}, and no argument ever held a secret`, async () => {
    const mine = keychainLaptop(platform)
    const store = openStore(mine.machine)
    expect(await store.begin(signIn, 'auto')).toBe(name)
    expect(await store.read()).toEqual(signIn)
    const next = { ...signIn, token: 'token-canary-2', refreshToken: 'refresh-canary-2' }
    await store.write(next)
    expect(await openStore(mine.machine).read()).toEqual(next)
    expect(readFileSync(mine.stored, 'utf8')).not.toContain('canary')
    const given = mine.calls()
    const secrets = given.flatMap(({ stdin }) =>
      [...stdin.matchAll(/[0-9a-f]{64}|[A-Za-z0-9+/]{40,}={0,2}/g)].map(String),
    )
    expect(secrets.length).toBeGreaterThan(0)
    const args = given.flatMap(({ argv }) => argv).join('\n')
    for (const secret of [...secrets, 'canary']) expect(args).not.toContain(secret)
    await store.remove()
    expect(await store.read()).toBeUndefined()
    mine.remove()
  })

  test(`on ${platform} a keychain that is locked later is one sentence, and one that is locked at sign-in a file instead`, async () => {
    const mine = keychainLaptop(platform)
    await openStore(mine.machine).begin(signIn, 'auto')
    mine.lock()
    expect(await mine.run('token')).toBe(3)
    expect(mine.said()).toEqual({ out: '', err: expect.stringMatching(/^The keychain .*\.\n$/) })
    expect(await openStore(mine.machine).begin(signIn, 'auto')).toBe(mine.stored)
    expect(await openStore(mine.machine).read()).toEqual(signIn)
    await expect(openStore(mine.machine).begin(signIn, 'keychain')).rejects.toThrow('The keychain')
    mine.remove()
  })
}

test('a keychain that never answers is one sentence too, in the time allowed', async () => {
  const mine = keychainLaptop('linux')
  distribute(mine, { ...signIn.settings, timeout_seconds: 2 })
  await openStore(mine.machine).begin(signIn, 'auto')
  mine.hang()
  expect(await mine.run('token')).toBe(3)
  expect(mine.said()).toEqual({ out: '', err: expect.stringMatching(/^[^\n]+\.\n$/) })
  mine.remove()
})

test('without a keychain the file is the owner’s alone, in a directory of the owner’s alone', async () => {
  const mine = laptop()
  const file = await openStore(mine.machine).begin(signIn, 'auto')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700)
  expect(readdirSync(dirname(file))).toEqual(['signin.json'])
  mine.remove()
})

test('a file or a directory that others may read is refused, and the sentence says what to do', async () => {
  const mine = laptop()
  const file = await openStore(mine.machine).begin(signIn, 'auto')
  for (const [path, open, shut] of [
    [file, 0o644, 0o600],
    [dirname(file), 0o755, 0o700],
  ] as const) {
    chmodSync(path, open)
    expect(await mine.run('token')).toBe(3)
    expect(mine.said()).toEqual({ out: '', err: expect.stringContaining(`chmod go= ${path}`) })
    chmodSync(path, shut)
  }
  expect(await mine.run('token')).toBe(0)
  mine.remove()
})

test('a link in the place of the file is not followed', async () => {
  const mine = laptop()
  const file = await openStore(mine.machine).begin(signIn, 'auto')
  const elsewhere = join(mine.home, 'elsewhere')
  writeFileSync(elsewhere, readFileSync(file), { mode: 0o600 })
  await openStore(mine.machine).remove()
  symlinkSync(elsewhere, file)
  expect(await mine.run('token')).toBe(3)
  expect(mine.said().err).toMatch(/^The stored sign-in cannot be read/)
  mine.remove()
})

test('a file that another program wrote over is one sentence, and signing out removes it', async () => {
  const mine = laptop()
  const file = await openStore(mine.machine).begin(signIn, 'auto')
  writeFileSync(file, '{"version":2}')
  expect(await mine.run('token')).toBe(3)
  expect(mine.said().err.trim().split('\n')).toHaveLength(1)
  expect(await mine.run('logout')).toBe(0)
  expect(existsSync(file)).toBe(false)
  mine.remove()
})

test('of many that want the lock one at a time has it, also where dead processes left theirs', async () => {
  const mine = laptop()
  const dir = stateDir(mine.machine)
  let inside = 0
  let most = 0
  const act = async () => {
    most = Math.max(most, ++inside)
    await new Promise((resolve) => setTimeout(resolve, 1))
    inside--
  }
  await withLock(mine.machine, dir, 1_000, act)
  for (let round = 0; round < 3; round++) {
    const top = Math.max(...readdirSync(dir).map((name) => Number(name.split('.')[1])))
    // Process numbers end below this one (Linux, /proc/sys/kernel/pid_max).
    writeFileSync(join(dir, `lock.${top + 1}`), '4194305')
    await Promise.all(Array.from({ length: 30 }, () => withLock(mine.machine, dir, 30_000, act)))
  }
  expect(most).toBe(1)
  expect(readdirSync(dir).length).toBeLessThan(30)
  mine.remove()
})
