import { expect, test } from 'vitest'
import { actionFor, addShortcuts, passOn } from './shortcuts.ts'

test('what the page does goes before what every page does, whoever came last', () => {
  const done: string[] = []
  const leavePage = addShortcuts({ '/': () => done.push('page') })
  const leave = addShortcuts({ '/': () => done.push('everywhere') }, 'everywhere')
  actionFor('/')?.()
  leavePage()
  actionFor('/')?.()
  leave()
  expect(done).toEqual(['page', 'everywhere'])
  expect(actionFor('/')).toBeUndefined()
})

test('what is passed on is done once, by the first page that can, and never by what stands around it', () => {
  const done: string[] = []
  passOn('/')
  const leaves = [
    addShortcuts({ '/': () => done.push('everywhere') }, 'everywhere'),
    addShortcuts({ escape: () => done.push('escape') }),
    addShortcuts({ '/': () => done.push('page') }),
    addShortcuts({ '/': () => done.push('again') }),
  ]
  for (const leave of leaves) leave()
  expect(done).toEqual(['page'])
})
