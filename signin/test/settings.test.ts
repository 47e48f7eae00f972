import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingsFiles, stateDir } from '../src/places.ts'
import { loadSettings } from '../src/settings.ts'
import { distribute, laptop } from './laptop.ts'

const company = { issuer: 'https://idp.example.com', client_id: 'laptop' }

test('flags win over variables, variables over the file, field by field', () => {
  const mine = laptop('', { env: { TRIPTYCH_SIGNIN_SCOPE: 'openid b', TRIPTYCH_SIGNIN_CLIENT_ID: 'b' } })
  distribute(mine, { ...company, scope: 'openid a', audience: 'a' })
  expect(loadSettings(mine.machine, { client_id: 'c' })).toMatchObject({
    issuer: 'https://idp.example.com',
    audience: 'a',
    scope: 'openid b',
    client_id: 'c',
    token: 'access_token',
    refresh_before_seconds: 60,
  })
  mine.remove()
})

test('the company’s file and the person’s are looked for where each system has them', () => {
  const at = (platform: NodeJS.Platform, env: Record<string, string> = {}) => {
    const mine = laptop('', { platform, home: '/home/a', env: { TRIPTYCH_SIGNIN_CONFIG: '', ...env } })
    mine.remove()
    return [...settingsFiles(mine.machine), stateDir(mine.machine)]
  }
  expect(at('linux')).toEqual([
    '/etc/triptych/signin.json',
    '/home/a/.config/triptych/signin.json',
    '/home/a/.local/state/triptych-signin',
  ])
  expect(at('linux', { XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: 'relative' })).toEqual([
    '/etc/triptych/signin.json',
    '/c/triptych/signin.json',
    '/home/a/.local/state/triptych-signin',
  ])
  expect(at('darwin')).toEqual([
    '/Library/Application Support/Triptych/signin.json',
    '/home/a/Library/Application Support/Triptych/signin.json',
    '/home/a/Library/Application Support/Triptych/signin',
  ])
  expect(at('win32', { ProgramData: '/P', APPDATA: '/R', LOCALAPPDATA: '/L' })).toEqual([
    '/P/Triptych/signin.json',
    '/R/Triptych/signin.json',
    '/L/Triptych/signin',
  ])
})

test('a wrong setting is named with its file, its variable or its flag, and its value is not repeated', async () => {
  const cases: readonly (readonly [file: object, env: Record<string, string>, args: string[], says: string])[] = [
    [{ ...company, issuer: 'http://secret.example.com' }, {}, [], '`issuer` in FILE must be an https address'],
    [{ ...company, isuer: 'secret' }, {}, [], '`isuer` in FILE is not a known setting'],
    [{ issuer: company.issuer }, {}, [], '`client_id` is wrong'],
    [{ ...company, scope: 'secret' }, {}, [], '`scope` in FILE must hold `openid`'],
    [
      { ...company, parameters: { state: 'secret' } },
      {},
      [],
      '`parameters.state` in FILE is set by the program itself',
    ],
    [company, { TRIPTYCH_SIGNIN_TOKEN: 'secret' }, [], 'TRIPTYCH_SIGNIN_TOKEN is wrong'],
    [company, {}, ['--issuer', 'ftp://secret'], '--issuer must be an https address'],
  ]
  for (const [file, env, args, says] of cases) {
    const mine = laptop('', { env })
    distribute(mine, file)
    expect(await mine.run('token', ...args), says).toBe(2)
    const { out, err } = mine.said()
    expect(out).toBe('')
    expect(err).toContain(says.replace('FILE', join(mine.home, 'signin.json')))
    expect(err).not.toContain('secret')
    expect(err.trim().split('\n')).toHaveLength(1)
    mine.remove()
  }
})

test('a settings file that is not JSON is named', async () => {
  const mine = laptop()
  writeFileSync(join(mine.home, 'signin.json'), '{')
  expect(await mine.run('login')).toBe(2)
  expect(mine.said().err).toBe(
    `The settings cannot be used: ${join(mine.home, 'signin.json')} cannot be read, it is not JSON.\n`,
  )
  mine.remove()
})

test('http is taken on this machine’s loopback alone', () => {
  const mine = laptop()
  for (const issuer of ['http://127.0.0.1:1', 'http://localhost:1', 'http://[::1]:1', 'https://idp.example.com/tenant'])
    expect(loadSettings(mine.machine, { ...company, issuer })?.issuer).toBe(issuer)
  for (const issuer of ['http://127.0.0.1.example.com', 'http://10.0.0.1', 'https://user:word@idp.example.com', 'x'])
    expect(() => loadSettings(mine.machine, { ...company, issuer })).toThrow('must be an https address')
  mine.remove()
})
