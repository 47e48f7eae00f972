import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** The repository's root. */
export const root = resolve(import.meta.dirname, '../..')

/** All TypeScript files below a directory, by their path from it. */
export function filesBelow(dir: string, pattern = /\.tsx?$/): readonly string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .filter((file) => !/(^|\/)(node_modules|dist)\//.test(file))
    .sort()
}

/** One import statement: who, whom (a path below the directory, or a package), and whether only types. */
export interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
  readonly relative: boolean
}

/** Every import of every file below a directory; dynamic ones too. */
export function importsBelow(dir: string): readonly Import[] {
  return filesBelow(dir).flatMap((from) => importsOf(dir, from, readFileSync(join(dir, from), 'utf8')))
}

/** The imports of one file's text. */
export function importsOf(dir: string, from: string, text: string): readonly Import[] {
  const statements = text.matchAll(
    /^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  )
  return [...statements].map((found) => {
    const specifier = found[2] ?? found[3] ?? ''
    const isRelative = specifier.startsWith('.')
    const to = isRelative ? relative(dir, resolve(dir, dirname(from), specifier)) : specifier
    return { from, to, typeOnly: found[1] !== undefined, relative: isRelative }
  })
}

/** Source text without comments and strings' insides kept. */
export function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
}
