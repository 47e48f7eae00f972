import { describe, expect, test } from 'vitest'
import { contrast } from './contrast.ts'
import { coverageTones, groupFills, inks, surfaces, verdictTones } from './tokens.ts'
import { tokensCss } from './tokens-css.ts'

const schemes = ['light', 'dark'] as const
const all = Object.values(surfaces)

describe.each(schemes)('%s', (scheme) => {
  const worst = (colour: string) => Math.min(...all.map((surface) => contrast(colour, surface[scheme])))

  test.each(Object.entries({ ...verdictTones, ...coverageTones }))(
    '%s can be read on its fill, or on any row',
    (_, tone) => {
      const ink = tone.ink[scheme]
      expect(tone.fill === undefined ? worst(ink) : contrast(ink, tone.fill[scheme])).toBeGreaterThanOrEqual(4.5)
    },
  )

  test.each(Object.entries(verdictTones))('the mark of %s is seen on any row', (_, tone) => {
    const mark = tone.ink.light === '#FFFFFF' ? tone.fill?.[scheme] : tone.ink[scheme]
    expect(worst(mark ?? '#000000')).toBeGreaterThanOrEqual(3)
  })

  test.each(['text', 'secondary', 'link'] as const)('%s can be read on every surface', (name) => {
    expect(worst(inks[name][scheme])).toBeGreaterThanOrEqual(4.5)
  })

  test('edges of controls are seen on every surface', () => {
    expect(worst(inks.edge[scheme])).toBeGreaterThanOrEqual(3)
  })

  test.each(Object.entries(groupFills))('bars of %s are seen on page and raised', (_, fill) => {
    for (const surface of [surfaces.page, surfaces.raised])
      expect(contrast(fill[scheme], surface[scheme])).toBeGreaterThanOrEqual(3)
  })
})

test('the style sheet holds every token for both schemes', () => {
  const css = tokensCss()
  expect(css.match(/--verdict-bypass-fill: #B0141E/g)).toHaveLength(1)
  expect(css.match(/--verdict-[a-z-]+-mark: /g)).toHaveLength(24)
  expect(css).toContain('--coverage-not-due-ink: #86BCFF')
})
