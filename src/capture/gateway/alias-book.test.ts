import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadSecretKeys, type SecretKeys } from '../../platform/secret-keys.ts'
import type { Principal } from '../../record/principal.ts'
import { openAliasBook, readAliasBook } from './alias-book.ts'

let dir: string
let keys: SecretKeys
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'alias-book-'))
  keys = await loadSecretKeys(dir)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const person = (subject: string): Principal => ({
  kind: 'person',
  credential: 'oidc',
  issuer: 'https://idp.example.com',
  subject,
  groups: [],
})
const open = () => openAliasBook({ path: join(dir, 'book.jsonl'), keys, random: randomBytes })

test('the same person keeps the alias, over calls at the same moment and over a restart', async () => {
  const book = await open()
  const aliases = await Promise.all([1, 2, 3].map(() => book.aliasOf(person('alice'))))
  await book.close()
  const again = await open()
  aliases.push(await again.aliasOf(person('alice')))
  await again.close()
  expect(new Set(aliases).size).toBe(1)
})

test('half a line that a crash left does not swallow the next person', async () => {
  const first = await open()
  const alice = await first.aliasOf(person('alice'))
  await first.close()
  appendFileSync(join(dir, 'book.jsonl'), '{"alias":"p0123')
  const book = await open()
  const bob = await book.aliasOf(person('bob'))
  await book.close()
  const { entries, unreadable } = await readAliasBook(join(dir, 'book.jsonl'), keys)
  expect(entries.map(({ alias, entry }) => [alias, entry.subject])).toEqual([
    [alice, 'alice'],
    [bob, 'bob'],
  ])
  expect(unreadable).toBe(0)
})

test('no name stands in the book', async () => {
  const book = await open()
  await book.aliasOf(person('alice'))
  await book.close()
  expect(readFileSync(join(dir, 'book.jsonl'), 'utf8')).not.toMatch(/alice|idp\.example/)
})
