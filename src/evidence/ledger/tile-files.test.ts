import { expect, test } from 'vitest'
import { keepFullTiles } from './tile-files.ts'
import { tilePath, tileWidth } from './tile-path.ts'

test('a full tile is read once while it is among the last ones; a partial or missing one is read every time', async () => {
  const reads: string[] = []
  const tiles = keepFullTiles(
    {
      read(place) {
        reads.push(tilePath(place))
        return Promise.resolve(place.n === 9 ? undefined : Buffer.from(tilePath(place)))
      },
    },
    2,
  )
  const full = (n: number) => tiles.read({ level: 0, n, width: tileWidth })
  for (const n of [1, 2, 1, 3, 1, 2]) expect((await full(n))?.toString()).toBe(`tile/0/00${n}`)
  expect(reads).toEqual(['tile/0/001', 'tile/0/002', 'tile/0/003', 'tile/0/002'])
  reads.length = 0
  for (let i = 0; i < 2; i++) await tiles.read({ level: 0, n: 4, width: 7 })
  for (let i = 0; i < 2; i++) await full(9)
  expect(reads).toEqual(['tile/0/004.p/7', 'tile/0/004.p/7', 'tile/0/009', 'tile/0/009'])
})
