import { basename } from 'node:path'
import type { Import } from './source-tree.ts'
import { withoutComments } from './source-tree.ts'

/** Who may import whom, by the place a file stands in. The first place that is a prefix of the path holds. */
const arrows: readonly (readonly [place: string, mayImport: readonly string[]])[] = [
  ['record', []],
  ['platform', []],
  ['capture/access', ['record', 'platform']],
  ['capture/gateway', ['record', 'platform']],
  ['capture/foreign', ['record', 'platform']],
  ['capture/content', ['record', 'platform']],
  ['evidence/archive', ['record', 'platform']],
  ['evidence/vault', ['record', 'platform']],
  ['evidence/ledger', ['record', 'platform']],
  ['evidence/store', ['record', 'platform']],
  ['evidence/corroborate', ['record', 'platform', 'evidence/store']],
  ['oversight', ['record', 'platform', 'evidence']],
  ['app', ['record', 'platform', 'capture', 'evidence', 'oversight']],
]

/** What is wrong with an import, or undefined. */
export function breaksArrow(found: Import): string | undefined {
  if (!found.relative && found.to === 'triptych-signin')
    return isBelow(found.from, 'app/cli') ? undefined : `${found.from}: only the command line imports the sign-in`
  if (!found.relative) return found.to.startsWith('@triptych/') ? 'the product never imports the simulator' : undefined
  const rule = arrows.find(([place]) => isBelow(found.from, place))
  if (rule === undefined) return `${found.from} stands in no place of the tree`
  const [place, mayImport] = rule
  if (found.to.startsWith('..')) return `${found.from} → ${found.to} leaves the source tree`
  const fine = isBelow(found.to, place) || mayImport.some((allowed) => isBelow(found.to, allowed))
  return fine ? undefined : `${found.from} → ${found.to}`
}

const leftovers = /^(utils?|helpers?|common|shared|misc|lib)(\.|$)/

/** What is wrong with a file's name, or undefined. */
export function breaksNaming(path: string): string | undefined {
  const parts = path.split('/')
  if (parts.some((part) => leftovers.test(part))) return `${path}: a home for leftovers`
  if (basename(path) === 'index.ts') return `${path}: a barrel`
  return parts.every((part) => /^[a-z0-9.-]+$/.test(part)) ? undefined : `${path}: not kebab-case`
}

const bannedText: readonly (readonly [rule: string, pattern: RegExp, except: RegExp])[] = [
  ['throw new Error', /\bthrow new Error\(/, /^$/],
  ['process.env', /\bprocess\.env\b|\benv \} = process\b/, /^app\/config\.ts$|^signin\/src\/machine\.ts$/],
  ['any', /[:<(,|&]\s*any\b(?![\w(])|\bas any\b/, /^$/],
  ['suppressed check', /@ts-(ignore|expect-error|nocheck)/, /^$/],
  ['console', /\bconsole\.\w+\(/, /^app\/cli\//],
  ['default export', /^export default\b/m, /^$/],
  ['barrel', /^export \* from/m, /^$/],
  ['enum', /^\s*(export\s+)?(const\s+)?enum\s/m, /^$/],
  [
    'the wall clock',
    /\bDate\.now\(\)|new Date\(\)/,
    /^platform\/(clock|logger)\.ts$|^platform\/aws\/clients\.ts$|^signin\/src\/machine\.ts$/,
  ],
]

/** Which banned texts a file holds. */
export function bannedIn(path: string, text: string): readonly string[] {
  const code = withoutComments(text)
  const lines = text.split('\n').length
  const found = bannedText
    .filter(([, pattern, except]) => pattern.test(code) && !except.test(path))
    .map(([rule]) => `${path}: ${rule}`)
  return lines > 400 ? [...found, `${path}: ${lines} lines`] : found
}

/** Runtime import cycles (type imports do not count), each as the files on it. */
export function cyclesIn(imports: readonly Import[]): readonly string[] {
  const next = new Map<string, string[]>()
  for (const found of imports) {
    if (found.typeOnly || !found.relative) continue
    next.set(found.from, [...(next.get(found.from) ?? []), found.to])
  }
  const cycles: string[] = []
  const state = new Map<string, 'open' | 'done'>()
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      return
    }
    state.set(file, 'open')
    for (const target of next.get(file) ?? []) visit(target, [...path, file])
    state.set(file, 'done')
  }
  for (const file of next.keys()) visit(file, [])
  return cycles
}

function isBelow(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`)
}
