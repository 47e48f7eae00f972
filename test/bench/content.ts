import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { openHub } from '../../src/app/compose/open-hub.ts'
import { checkConfig } from '../../src/app/config.ts'
import { ingestInvocations } from '../../src/app/ingest/invocations.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { directorySource } from '../../src/platform/objects/directory-source.ts'
import { claudeSession } from '../fakes/claude-session.ts'

const inlineBytes = 100_000

/** What a run measured. */
export interface ContentFigures {
  readonly calls: number
  readonly 'raw MB': number
  readonly 'raw MB per second into the vault': number
  readonly 'vault, part of the raw bytes': string
  readonly 'gzip of each body': string
  readonly 'zstd -3 of each body': string
}

/** Sessions of growing history as Bedrock logs them, bodies over 100 KB in objects of their own → envelope, vault, table. */
export async function benchContent(sessions = 4, callsEach = 200): Promise<ContentFigures> {
  const directory = mkdtempSync(join(tmpdir(), 'triptych-content-'))
  try {
    const logs = join(directory, 'logs')
    const bodies = join(directory, 'bodies')
    const raw = writeSessions(logs, bodies, sessions, callsEach)
    const parts = await openHub(
      checkConfig({ dataDir: join(directory, 'data'), content: { default: 'keep' } }),
      systemClock,
      createLogger('silent', () => undefined),
    )
    const source = directorySource(logs)
    const started = performance.now()
    for await (const object of source.list()) await ingestInvocations(parts, source, object)
    const seconds = (performance.now() - started) / 1_000
    await parts.close()
    const share = (bytes: number) => `${((100 * bytes) / raw).toFixed(2)} %`
    return {
      calls: sessions * callsEach,
      'raw MB': Math.round(raw / 1e6),
      'raw MB per second into the vault': Math.round(raw / 1e6 / seconds),
      'vault, part of the raw bytes': share(bytesBelow(join(directory, 'data', 'vault'))),
      'gzip of each body': share(bytesBelow(join(directory, 'logs'))),
      'zstd -3 of each body': share(zstdOf(bodies)),
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Returns the raw bytes of all bodies. The gz of a batch and of its bodies is what Bedrock itself puts into the bucket. */
function writeSessions(logs: string, bodies: string, sessions: number, callsEach: number): number {
  const hour = 'AWSLogs/111122223333/BedrockModelInvocationLogs/us-east-1/2026/11/24/10'
  mkdirSync(join(logs, hour, 'data'), { recursive: true })
  mkdirSync(bodies)
  let raw = 0
  for (let session = 0; session < sessions; session++) {
    const id = `00000000-0000-4000-8000-${String(session).padStart(12, '0')}`
    const lines: string[] = []
    let n = 0
    for (const call of claudeSession(session + 1, id, callsEach)) {
      const requestId = `${id.slice(0, 24)}${String(session * 10_000 + n++).padStart(12, '0')}`
      const texts = { input: JSON.stringify(call.request), output: JSON.stringify(call.events) }
      const place = (part: 'input' | 'output') => bodyOf(logs, bodies, hour, requestId, part, texts[part])
      raw += Buffer.byteLength(texts.input) + Buffer.byteLength(texts.output)
      lines.push(
        JSON.stringify({
          timestamp: new Date(Date.UTC(2026, 10, 24, 10, 0, n)).toISOString().replace('.000', ''),
          accountId: '111122223333',
          region: 'us-east-1',
          requestId,
          operation: 'InvokeModelWithResponseStream',
          modelId: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
          identity: { arn: `arn:aws:sts::111122223333:assumed-role/Developers/dev-${session}` },
          input: { inputContentType: 'application/json', ...place('input'), inputTokenCount: call.usage.input },
          output: { outputContentType: 'application/json', ...place('output'), outputTokenCount: call.usage.output },
          schemaType: 'ModelInvocationLog',
          schemaVersion: '1.0',
        }),
      )
      if (lines.length === 20) writeBatch(join(logs, hour, `20261124T10${session}${n}Z_${session}.json.gz`), lines)
    }
    if (lines.length > 0) writeBatch(join(logs, hour, `20261124T10${session}_last.json.gz`), lines)
  }
  return raw
}

function bodyOf(
  logs: string,
  bodies: string,
  hour: string,
  requestId: string,
  part: 'input' | 'output',
  text: string,
): object {
  writeFileSync(join(bodies, `${requestId}_${part}.json`), text)
  if (text.length <= inlineBytes) return { [`${part}BodyJson`]: JSON.parse(text) }
  const key = `${hour}/data/${requestId}_${part}.json.gz`
  mkdirSync(dirname(join(logs, key)), { recursive: true })
  writeFileSync(join(logs, key), gzipSync(text))
  return { [`${part}BodyS3Path`]: `s3://logs/${key}` }
}

function writeBatch(path: string, lines: string[]): void {
  writeFileSync(path, gzipSync(lines.splice(0).join('\n')))
}

function bytesBelow(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** By the `zstd` on the path, each body by itself. */
function zstdOf(bodies: string): number {
  const files = readdirSync(bodies).map((name) => join(bodies, name))
  execFileSync('zstd', ['-q', '-f', '-3', ...files])
  const packed = readdirSync(bodies).filter((name) => name.endsWith('.zst'))
  return packed.reduce((sum, name) => sum + statSync(join(bodies, name)).size, 0)
}
