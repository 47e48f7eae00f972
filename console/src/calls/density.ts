/** How much room a row has. */
export const densities = ['compact', 'normal', 'roomy'] as const
/** One of them. */
export type Density = (typeof densities)[number]

/** In pixels. */
export const rowHeights: Readonly<Record<Density, number>> = { compact: 28, normal: 32, roomy: 40 }

const kept = 'triptych.density'

/** What was chosen here last. */
export function keptDensity(): Density {
  return densities.find((one) => one === localStorage.getItem(kept)) ?? 'normal'
}

/** Keeps the choice. */
export function keepDensity(density: Density): void {
  localStorage.setItem(kept, density)
}
