import { expect, test } from 'vitest'
import { historyWords } from './history-words.ts'

test('every way a call stands to its history has words of its own', () => {
  expect(historyWords({ history: 'begins', repeated: 0 })).toBe('begins a thread')
  expect(historyWords({ history: 'goes_on', repeated: 1 })).toBe('1 turn sent again')
  expect(historyWords({ history: 'rewritten', repeated: 4 })).toBe('history replaced on the way, 4 turns sent again')
  expect(historyWords({ history: 'unknown', repeated: 0 })).toBe('what it sent could not be read')
})
