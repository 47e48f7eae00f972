import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { readCloudTrail } from '../../src/capture/access/read-cloudtrail.ts'
import { openArchive } from '../../src/evidence/archive/archive.ts'
import { openEmbeddedEngine } from '../../src/evidence/store/engines/embedded.ts'
import { loadCloudTrail } from '../../src/evidence/store/load-cloudtrail.ts'
import { openStore } from '../../src/evidence/store/store.ts'
import { systemClock } from '../../src/platform/clock.ts'

/** What a run measured. */
export interface IngestFigures {
  readonly events: number
  readonly files: number
  readonly seconds: number
  readonly eventsPerSecond: number
  readonly gzipMegabytes: number
  readonly machine: string
}

const eventsPerFile = 5_000
const people = 300

/** CloudTrail files, gz, on disk → archive (fsync) → table, one after the other, as a hub takes them in. */
export async function benchIngest(events = 200_000): Promise<IngestFigures> {
  const directory = await mkdtemp(join(tmpdir(), 'triptych-bench-'))
  try {
    const paths = await writeFiles(join(directory, 'delivered'), events)
    const engine = await openEmbeddedEngine(join(directory, 'store'))
    const store = await openStore({ engine, clock: systemClock })
    const archive = await openArchive(join(directory, 'archive'))
    const parts = {
      engine,
      store,
      clock: systemClock,
      pseudonymKey: Buffer.alloc(32, 1),
      readRecords: readCloudTrail,
      keepIdentities: async () => undefined,
      simulated: false,
    }
    let loaded = 0
    let bytes = 0
    const started = performance.now()
    for (const path of paths) {
      const receivedAt = new Date().toISOString()
      const file = await archive.put({
        kind: 'cloudtrail',
        name: 'events.json.gz',
        origin: 'bench',
        bytes: path,
        receivedAt,
      })
      const result = await loadCloudTrail(parts, file)
      if (result.path !== 'engine') throw new TypeError(`a file took the way of ${result.path}`)
      loaded += result.records
      bytes += file.bytes
    }
    const seconds = (performance.now() - started) / 1_000
    await engine.close()
    const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 1e9)} GB, Node ${process.version}`
    const eventsPerSecond = Math.round(loaded / seconds)
    return { events: loaded, files: paths.length, seconds, eventsPerSecond, gzipMegabytes: bytes / 1e6, machine }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function writeFiles(directory: string, events: number): Promise<readonly string[]> {
  await mkdir(directory, { recursive: true })
  const paths: string[] = []
  for (let first = 0; first < events; first += eventsPerFile) {
    const records = Array.from({ length: Math.min(eventsPerFile, events - first) }, (_, i) => eventOf(first + i))
    const path = join(directory, `${first}.json.gz`)
    await writeFile(path, gzipSync(JSON.stringify({ Records: records })))
    paths.push(path)
  }
  return paths
}

/** The shape and size of a genuine InvokeModel event (about 1.2 KB). */
export function eventOf(n: number) {
  const session = `person${n % people}@example.com`
  const role = 'arn:aws:iam::111122223333:role/TriptychInvoke'
  return {
    eventVersion: '1.10',
    userIdentity: {
      type: 'AssumedRole',
      principalId: `AROA2N7TQQRGKJYPCLOG0:${session}`,
      arn: `arn:aws:sts::111122223333:assumed-role/TriptychInvoke/${session}`,
      accountId: '111122223333',
      accessKeyId: 'ASIA6FTSFH98XNF7DFZB',
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: 'AROA2N7TQQRGKJYPCLOG0',
          arn: role,
          accountId: '111122223333',
          userName: 'TriptychInvoke',
        },
        attributes: { creationDate: '2026-10-17T20:07:50Z', mfaAuthenticated: 'false' },
      },
    },
    eventTime: `${new Date(Date.UTC(2026, 9, 1) + n * 100).toISOString().slice(0, 19)}Z`,
    eventSource: 'bedrock.amazonaws.com',
    eventName: 'InvokeModelWithResponseStream',
    awsRegion: 'us-east-1',
    sourceIPAddress: `203.0.113.${n % 250}`,
    userAgent: 'Boto3/1.35.50 md/Botocore#1.35.50 ua/2.0 os/linux#6.1 md/arch#x86_64 lang/python#3.12',
    requestParameters: { modelId: 'global.anthropic.claude-sonnet-4-5-20250929-v1:0' },
    responseElements: null,
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly: true,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '111122223333',
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: 'bedrock-runtime.us-east-1.amazonaws.com',
    },
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const figures = await benchIngest(Number(process.argv[2] ?? 200_000))
  console.log(figures)
}
