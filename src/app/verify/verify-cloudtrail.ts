import { resolve } from 'node:path'
import { listedKeys } from '../../capture/access/digests/listed-keys.ts'
import { archivedKeys } from '../../capture/access/digests/public-keys.ts'
import type { RegionResult } from '../../capture/access/digests/region-result.ts'
import { type TreeToValidate, validateTree } from '../../capture/access/digests/validate-tree.ts'
import { type AwsClients, type AwsPlace, createAwsClients } from '../../platform/aws/clients.ts'
import { createS3Get } from '../../platform/aws/s3-get.ts'
import type { Clock } from '../../platform/clock.ts'
import { hashGzipBeside } from '../../platform/gzip-hash-beside.ts'
import { directorySource } from '../../platform/objects/directory-source.ts'
import { s3Source } from '../../platform/objects/s3-source.ts'
import type { VerifiedTree } from './cloudtrail-report.ts'
import { readArchivedKeys } from './digest-keys.ts'

/** A tree to verify. Times in ms. */
export interface CloudTrailTree {
  /** A directory, or `s3://bucket/prefix`. */
  readonly path: string
  /** Archived keys; without them CloudTrail is asked. */
  readonly keys: string | undefined
  readonly original: string | undefined
  readonly since: number | undefined
  readonly until: number
  readonly toleranceMs: number
  readonly regions: readonly string[] | undefined
  readonly onProgress: NonNullable<TreeToValidate['onProgress']>
}

/** Digests that are read ahead, and log files. */
const openAtOnce = 64

/** Verifies a tree with nothing but what it is given: no data directory, no hub, and with a directory and keys no network. */
export async function verifyCloudTrail(tree: CloudTrailTree, aws: AwsPlace, clock: Clock): Promise<VerifiedTree> {
  const clients = createAwsClients(aws, clock)
  const short = createS3Get(clients.s3, clock, openAtOnce)
  const beside = hashGzipBeside()
  try {
    const source = tree.path.startsWith('s3://')
      ? s3Source(clients.s3, tree.path, short)
      : directorySource(resolve(tree.path))
    const { since, until, original } = tree
    const results: RegionResult[] = []
    const keys = await keysOf(tree.keys, clients)
    for await (const result of validateTree({ ...tree, source, keys, since: () => since, hashGzip: beside }))
      results.push(result)
    return {
      source: source.origin,
      keys: tree.keys === undefined ? 'listed' : 'archived',
      original,
      since,
      until,
      results,
    }
  } finally {
    await beside.close()
    short.close()
    clients.close()
  }
}

async function keysOf(path: string | undefined, clients: AwsClients): Promise<TreeToValidate['keys']> {
  if (path === undefined) return (regions) => listedKeys(clients.cloudTrail, regions)
  const archived = archivedKeys(await readArchivedKeys(path))
  return () => archived
}
