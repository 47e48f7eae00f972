import { expect, test } from 'vitest'
import { readStartAddress } from './sign-in-link.ts'

const word = 'RIdw3co4NzFDZLwQuu_vuuIxiNEXF4PnM8x06Sku9zo'

test('the word is taken from the fragment, and the address is cleaned whatever it was', () => {
  expect(readStartAddress(`#/sign-in?link=${word}`)).toEqual({ link: word, goTo: '/' })
  expect(readStartAddress('#/sign-in?link=short')).toEqual({ link: undefined, goTo: '/' })
  expect(readStartAddress('')).toEqual({ link: undefined, goTo: undefined })
})
