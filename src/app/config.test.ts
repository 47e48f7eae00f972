import { expect, test } from 'vitest'
import { checkConfig, loadConfig } from './config.ts'

const failure = (value: unknown) => {
  try {
    checkConfig(value)
  } catch (cause) {
    return cause
  }
  return undefined
}

test('an unknown key is refused with the nearest known name, however deep it stands', () => {
  expect(failure({ gatewy: {} })).toMatchObject({
    code: 'CONFIG_UNKNOWN_KEY',
    facts: { key: 'gatewy', nearest: 'gateway' },
  })
  expect(failure({ gateway: { lisen: 'x' } })).toMatchObject({ facts: { key: 'gateway.lisen', nearest: 'listen' } })
  expect(failure({ sources: [{ type: 'cloudtrail', s33: 'x' }] })).toMatchObject({
    facts: { key: 'sources.0.s33', nearest: 's3' },
  })
})

test('a wrong value names its key and says what is wanted', () => {
  expect(failure({ gateway: { sts: { role: 'admin' } } })).toMatchObject({
    code: 'CONFIG_INVALID',
    facts: { key: 'gateway.sts.role', reason: 'the ARN of an IAM role' },
  })
  expect(failure({ corroborate: { window: { cloudtrail: 'soon' } } })).toMatchObject({
    facts: { key: 'corroborate.window.cloudtrail' },
  })
  expect(failure({ sources: [{ type: 'cloudtrail' }] })).toMatchObject({ code: 'CONFIG_INVALID' })
})

test('a variable sets one value over the file, whatever its case; an unknown one is refused', () => {
  const config = loadConfig(undefined, {
    TRIPTYCH_GATEWAY__LISTEN: '[::1]:9999',
    TRIPTYCH_DATADIR: '/tmp/x',
    HOME: '/root',
  })
  expect(config.gateway.listen).toEqual({ host: '::1', port: 9999 })
  expect(config.dataDir).toBe('/tmp/x')
  expect(() => loadConfig(undefined, { TRIPTYCH_GATEWAY__LISTN: 'x' })).toThrowError(
    /CONFIG_UNKNOWN_KEY.*nearest=TRIPTYCH_GATEWAY__LISTEN/,
  )
})

test('without anything the configuration is whole, and keeps no content', () => {
  const config = checkConfig({})
  expect(config.content.default).toBe('none')
  expect(config.gateway.models.allow).toEqual(['anthropic.*'])
  expect(config.corroborate.window).toEqual({ cloudtrail: 3_600_000, invocations: 3_600_000, final: 86_400_000 })
})
