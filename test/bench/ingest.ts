import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type HubParts, openHub } from '../../src/app/compose/open-hub.ts'
import { checkConfig } from '../../src/app/config.ts'
import { ingestManyCloudTrail } from '../../src/app/ingest/cloudtrail.ts'
import { ingestAll } from '../../src/app/ingest/collect.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { directorySource } from '../../src/platform/objects/directory-source.ts'
import type { ObjectSource, SourceObject } from '../../src/platform/objects/object-source.ts'

/** What a run measured. */
export interface IngestFigures {
  readonly events: number
  readonly files: number
  readonly 'events per file': number
  readonly 'gz MB': number
  readonly 'events per second': number
  readonly 'small files: events per second, 20 a file': number
  readonly 'python, json and gzip, one process: events per second': number
  readonly 'rss MB at most': number
}

const eventsPerFile = 5_000
const people = 300

/** CloudTrail files, gz, in a directory → archive (hashed, fsync) → table, as a hub takes them in; beside it what a script would do. */
export async function benchIngest(events = 400_000): Promise<IngestFigures> {
  const directory = await mkdtemp(join(tmpdir(), 'triptych-bench-'))
  try {
    const delivered = join(directory, 'delivered')
    const small = join(directory, 'small')
    const paths = await writeFiles(delivered, events, eventsPerFile, 0)
    await writeFiles(small, 20_000, 20, events)
    let rss = 0
    const watch = setInterval(() => {
      rss = Math.max(rss, process.memoryUsage.rss())
    }, 100)
    const parts = await openHub(
      checkConfig({ dataDir: join(directory, 'data') }),
      systemClock,
      createLogger('silent', () => undefined),
    )
    const large = await takeIn(parts, delivered)
    const little = await takeIn(parts, small)
    await parts.close()
    clearInterval(watch)
    const gz = await Promise.all(paths.map(async (path) => (await stat(path)).size))
    return {
      events: large.records,
      files: paths.length,
      'events per file': eventsPerFile,
      'gz MB': Math.round(gz.reduce((sum, bytes) => sum + bytes, 0) / 1e6),
      'events per second': Math.round(large.records / large.seconds),
      'small files: events per second, 20 a file': Math.round(little.records / little.seconds),
      'python, json and gzip, one process: events per second': Math.round(events / inPython(delivered)),
      'rss MB at most': Math.round(rss / 1e6),
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function takeIn(parts: HubParts, path: string): Promise<{ records: number; seconds: number }> {
  const started = performance.now()
  let records = 0
  const ingest = (source: ObjectSource, objects: readonly SourceObject[]) =>
    ingestManyCloudTrail(parts, source, objects)
  for await (const { result } of ingestAll(directorySource(path), ingest)) records += result?.records ?? 0
  return { records, seconds: (performance.now() - started) / 1_000 }
}

/** Reads, parses and picks a dozen fields of each record, which is what one would script; writes nothing. Seconds. */
function inPython(path: string): number {
  const script = `import gzip,json,pathlib,sys,time
t=time.time()
n=0
for p in sorted(pathlib.Path(sys.argv[1]).rglob('*.gz')):
    for r in json.load(gzip.open(p))['Records']:
        u=r['userIdentity']; x=(r['eventID'],r['requestID'],r['eventTime'],r['eventName'],r['awsRegion'],r.get('errorCode'),u.get('arn'),u.get('accountId'),r['userAgent'],r['sourceIPAddress'],(r.get('requestParameters') or {}).get('modelId'))
        n+=1
print(time.time()-t)`
  return Number(execFileSync('python3', ['-c', script, path], { encoding: 'utf8' }))
}

async function writeFiles(
  directory: string,
  events: number,
  perFile: number,
  from: number,
): Promise<readonly string[]> {
  await mkdir(directory, { recursive: true })
  const paths: string[] = []
  for (let first = 0; first < events; first += perFile) {
    const records = Array.from({ length: Math.min(perFile, events - first) }, (_, i) => eventOf(from + first + i))
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
