import { coverageTones, groupFills, inks, type Shades, surfaces, type Tone, verdictTones } from './tokens.ts'

type Scheme = keyof Shades

/** The palette as custom properties, for both schemes. */
export function tokensCss(): string {
  return `${block(':root, :host, :root[data-mantine-color-scheme="light"]', 'light')}\n${block(':root[data-mantine-color-scheme="dark"]', 'dark')}`
}

function block(selector: string, scheme: Scheme): string {
  const lines = [
    `color-scheme: ${scheme};`,
    ...plain('surface', surfaces, scheme),
    ...plain('ink', inks, scheme),
    ...plain('group', groupFills, scheme),
    ...toned('verdict', verdictTones, scheme),
    ...toned('coverage', coverageTones, scheme),
  ]
  return `${selector} {\n  ${lines.join('\n  ')}\n}\n`
}

function plain(prefix: string, values: Readonly<Record<string, Shades>>, scheme: Scheme): readonly string[] {
  return Object.entries(values).map(([name, shades]) => `--${prefix}-${name}: ${shades[scheme]};`)
}

function toned(prefix: string, values: Readonly<Record<string, Tone>>, scheme: Scheme): readonly string[] {
  return Object.entries(values).flatMap(([name, { ink, fill }]) => {
    const word = name.replaceAll('_', '-')
    const edge = fill === undefined || ink[scheme] === '#FFFFFF' || isDarkOnBright(ink, scheme) ? fill : ink
    return [
      `--${prefix}-${word}-ink: ${ink[scheme]};`,
      `--${prefix}-${word}-fill: ${fill?.[scheme] ?? 'transparent'};`,
      // What a bare icon or an edge is drawn with: the loud colour of the pair.
      `--${prefix}-${word}-mark: ${(edge ?? ink)[scheme]};`,
    ]
  })
}

function isDarkOnBright(ink: Shades, scheme: Scheme): boolean {
  return scheme === 'dark' && ink.light === '#FFFFFF'
}
