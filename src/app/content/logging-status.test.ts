import { expect, test } from 'vitest'
import { whatIsWrong } from './logging-status.ts'

const config = { text: true, bucket: 'logs', prefix: '', logGroup: '', largeBodies: true }

test('account and policy agree, or it is said in words how they part', () => {
  expect(whatIsWrong('none', undefined)).toEqual([])
  expect(whatIsWrong('keep', config)).toEqual([])
  expect(whatIsWrong('none', config)).toEqual([expect.stringContaining('breach')])
  expect(whatIsWrong('keep', undefined)).toEqual([expect.stringContaining('logs none')])
  expect(whatIsWrong('keep', { ...config, text: false })).toEqual(['no text is delivered'])
  expect(whatIsWrong('keep', { ...config, bucket: '', logGroup: 'g', largeBodies: false })).toEqual([
    expect.stringContaining('100 KB'),
  ])
})
