import { expect, test } from 'vitest'
import { hashesAt, partialTiles, tilePath, tileWidth } from './tile-path.ts'

test('a tree of 70,000 leaves has the tiles that the specification counts', () => {
  const full = [0, 1, 2].map((level) => Math.floor(hashesAt(level, 70_000) / tileWidth))
  expect(full).toEqual([273, 1, 0])
  expect(partialTiles(70_000)).toEqual([
    { level: 0, n: 273, width: 112 },
    { level: 1, n: 1, width: 17 },
    { level: 2, n: 0, width: 1 },
  ])
  expect(partialTiles(70_000).map(tilePath)).toEqual(['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1'])
})

test('a tree of 256 leaves has one full tile and one hash above it', () => {
  expect(partialTiles(256)).toEqual([{ level: 1, n: 0, width: 1 }])
})

test('numbers of tiles go in groups of three', () => {
  expect(tilePath({ level: 'entries', n: 1_234_067, width: 256 })).toBe('tile/entries/x001/x234/067')
  expect(tilePath({ level: 0, n: 5, width: 3 })).toBe('tile/0/005.p/3')
  expect(tilePath({ level: 63, n: 1000, width: 256 })).toBe('tile/63/x001/000')
})
