/** One value per colour scheme. */
export interface Shades {
  readonly light: string
  readonly dark: string
}

const shades = (light: string, dark: string): Shades => ({ light, dark })

/** What things stand on. */
export const surfaces = {
  page: shades('#FFFFFF', '#111418'),
  raised: shades('#F6F7F9', '#181C22'),
  hover: shades('#EDF0F4', '#222933'),
  selected: shades('#E1EBFB', '#1B2C47'),
} as const satisfies Record<string, Shades>

/** What is written and drawn on any of the surfaces. `edge` bounds controls and needs 3:1; `rule` only separates. */
export const inks = {
  text: shades('#1B1F24', '#E6E9EE'),
  secondary: shades('#4A5563', '#A9B4C2'),
  link: shades('#1A4FB8', '#8FB6FF'),
  edge: shades('#76818F', '#76828F'),
  rule: shades('#DCE1E8', '#2A323D'),
} as const satisfies Record<string, Shades>

/** A label: its text, and what it is filled with; without a fill it stands on the row. */
export interface Tone {
  readonly ink: Shades
  readonly fill: Shades | undefined
}

const tone = (ink: Shades, fill?: Shades): Tone => ({ ink, fill })

/** The twelve verdicts. Hues alone cannot be told apart: word, icon and loudness carry the meaning. */
export const verdictTones = {
  content_unexpected: tone(shades('#FFFFFF', '#2B0017'), shades('#9C1165', '#FF86C8')),
  bypass: tone(shades('#FFFFFF', '#2B0205'), shades('#B0141E', '#FF8079')),
  mismatch: tone(shades('#9B111B', '#FFB3AE'), shades('#FDE4E3', '#4A1619')),
  lost: tone(shades('#FFFFFF', '#2B1200'), shades('#8A3C00', '#FFA566')),
  unlogged: tone(shades('#7A4100', '#FFC27A'), shades('#FFEBCF', '#43290A')),
  content_missing: tone(shades('#665000', '#EBD06A'), shades('#FBF0C4', '#383006')),
  pending: tone(shades('#1457A8', '#86BCFF')),
  outcome_unknown: tone(shades('#6A3FA6', '#C9A8FF')),
  uncorroborated: tone(shades('#4A5563', '#B3BDCA')),
  expected_direct: tone(shades('#3B4CA8', '#A9B6FF')),
  refused: tone(shades('#52525B', '#B9BBC2')),
  corroborated: tone(shades('#0B6B47', '#5FD3A0')),
} as const satisfies Record<string, Tone>

/** States of a layer over time. */
export const coverageTones = {
  complete: tone(shades('#0B6B47', '#5FD3A0'), shades('#DDF3E8', '#10352A')),
  partial: tone(shades('#7A4100', '#FFC27A'), shades('#FFEBCF', '#43290A')),
  blind: tone(shades('#9B111B', '#FFB3AE'), shades('#FDE4E3', '#4A1619')),
  unknown: tone(shades('#4A5563', '#B3BDCA')),
  not_due: tone(shades('#1457A8', '#86BCFF'), shades('#E4EFFC', '#14294A')),
} as const satisfies Record<string, Tone>

/** The five groups a chart may stack, from the ground up. */
export const groupFills = {
  proven: shades('#0B7A55', '#4CCB9B'),
  explained: shades('#3D4757', '#CBD5E1'),
  waiting: shades('#4A8FE7', '#4A8DF0'),
  gap: shades('#B9770E', '#F0B84A'),
  accusing: shades('#B0141E', '#F0575B'),
} as const satisfies Record<string, Shades>
