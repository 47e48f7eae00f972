import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inertParts } from './inert-text.ts'

test('what turns, hides or colours is shown by its number', () => {
  expect(
    inertParts('a\u202Eb\u001b[31mc\r\n\td')
      .map(({ text, escaped }) => (escaped ? `<${text}>` : text))
      .join(''),
  ).toBe('a<U+202E>b<U+001B>[31mc<U+000D>\n\td')
})

test('markup stays text, and nothing is lost', () => {
  expect(inertParts('<img onerror=alert(1)>')).toEqual([{ text: '<img onerror=alert(1)>', escaped: false }])
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const back = inertParts(text)
        .map((part) => (part.escaped ? String.fromCodePoint(Number.parseInt(part.text.slice(2), 16)) : part.text))
        .join('')
      expect(back).toBe(text)
    }),
  )
})
