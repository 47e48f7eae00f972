import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '../../src/evidence/store/engine.ts'
import { openEmbeddedEngine } from '../../src/evidence/store/engines/embedded.ts'
import { openServerEngine } from '../../src/evidence/store/engines/server.ts'
import { freePort } from './free-port.ts'

/** A ClickHouse server for one test file. */
export interface TestServer {
  readonly url: string
  /** Where it keeps its files; undefined when it is not ours. */
  readonly directory: string | undefined
  close(): Promise<void>
}

/** A server of one's own (`TRIPTYCH_TEST_CLICKHOUSE_URL`), else the listener that the embedded engine's library contains. */
export async function startClickHouse(): Promise<TestServer> {
  const given = process.env['TRIPTYCH_TEST_CLICKHOUSE_URL']
  if (given !== undefined) return { url: given, directory: undefined, close: async () => undefined }
  const directory = mkdtempSync(join(tmpdir(), 'triptych-clickhouse-'))
  const port = await freePort()
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'clickhouse-listener.ts'), directory, String(port)],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = `http://127.0.0.1:${port}`
  const until = performance.now() + 30_000
  while (!(await answers(url))) {
    if (performance.now() > until || child.exitCode !== null)
      throw new Error(`no ClickHouse listener: ${said.slice(-500)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    url,
    directory,
    async close() {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await ended
      clearTimeout(timer)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** An engine to test, and how it is let go. */
export interface TestEngine {
  readonly engine: Engine
  /** Where the engine keeps its files; undefined when that is not here. */
  readonly directory: string | undefined
  close(): Promise<void>
}

/** The engines that one contract holds for. */
export const engineKinds = ['embedded', 'server'] as const

/** Opens an engine of a kind over an empty store. */
export async function openTestEngine(kind: (typeof engineKinds)[number]): Promise<TestEngine> {
  if (kind === 'embedded') {
    const directory = mkdtempSync(join(tmpdir(), 'triptych-store-'))
    const engine = await openEmbeddedEngine(directory)
    return {
      engine,
      directory,
      async close() {
        await engine.close()
        rmSync(directory, { recursive: true, force: true })
      },
    }
  }
  const server = await startClickHouse()
  const engine = await openServerEngine({ url: server.url, username: 'default', password: '' })
  return {
    engine,
    directory: server.directory,
    async close() {
      await engine.command('DROP DATABASE IF EXISTS triptych')
      await engine.close()
      await server.close()
    },
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/ping`).then(
    (answer) => answer.ok,
    () => false,
  )
}
