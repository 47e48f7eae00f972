import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { errorTable } from '../../src/platform/error-table.ts'
import { root } from './source-tree.ts'

// Whoever is told to run a command must find it.

/** Commands with their subcommands (`keys list`), read off the place where they are declared. */
function declared(): ReadonlySet<string> {
  const text = ['program.ts', 'read-commands.ts', 'content-commands.ts']
    .map((file) => readFileSync(join(root, 'src/app/cli', file), 'utf8'))
    .join('\n')
  const groups = new Map([['program', '']])
  const found = new Set<string>()
  const chain =
    /(?:const (\w+) = )?(\b\w+)((?:\s*\.(?:command|description|argument|option)\((?:[^()]|\([^()]*\))*\))+)/g
  for (const [, name, on = '', calls = ''] of text.matchAll(chain)) {
    let path = groups.get(on)
    if (path === undefined) continue
    for (const [, command] of calls.matchAll(/\.command\('([\w-]+)/g)) {
      path = `${path} ${command}`.trim()
      found.add(path)
    }
    if (name !== undefined) groups.set(name, path)
  }
  return found
}

/** `triptych keys list <id>` → `keys list` or `keys`, whichever is declared. */
function unknownIn(text: string, commands: ReadonlySet<string>): readonly string[] {
  return [...text.matchAll(/\btriptych ((?:[a-z]+)(?: [a-z]+)?)/g)]
    .map(([, words = '']) => words)
    .filter((words) => !commands.has(words) && !commands.has(words.split(' ')[0] ?? ''))
}

test('the declared commands are read off the command line’s own source', () => {
  expect([...declared()]).toEqual(expect.arrayContaining(['up', 'ingest', 'keys', 'keys list', 'archive check']))
})

test('every command that an error tells people to run exists', () => {
  const quoted = Object.values(errorTable).flatMap(({ fix }) => fix.match(/`triptych [^`]+`/g) ?? [])
  expect(quoted.length).toBeGreaterThan(5)
  expect(quoted.flatMap((text) => unknownIn(text, declared()))).toEqual([])
})

test('every command that the pages show exists', () => {
  const pages = [
    'README.md',
    'docs/operate/gateway.md',
    'docs/operate/configuration.md',
    'docs/operate/data-directory.md',
    'docs/operate/sign-in.md',
    'docs/operate/gateway-logs.md',
    'docs/operate/cloudtrail-digests.md',
  ]
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8')
    const code = [...text.matchAll(/```sh\n([\s\S]*?)```|`(npx )?triptych [^`]+`/g)].map(([whole]) => whole).join('\n')
    expect(unknownIn(code, declared()), page).toEqual([])
  }
})

test('an invented command would be found', () => {
  expect(unknownIn('run `triptych frobnicate`', declared())).toEqual(['frobnicate'])
})
