import type { Plugin } from 'vite'
import { tokensCss } from '../src/theme/tokens-css.ts'

const name = 'virtual:tokens.css'

/** The palette is written once, in TypeScript, where its contrast is tested; the style sheet is made from it. */
export function tokensPlugin(): Plugin {
  return {
    name: 'tokens-css',
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load: (id) => (id === `\0${name}` ? tokensCss() : undefined),
  }
}
