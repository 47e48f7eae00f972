import type { ObjectSource } from '../../../platform/objects/object-source.ts'
import { parseDeliveredName, parseFolder } from './delivered-name.ts'
import type { Places } from './places.ts'

/** What one account has in one region: where its logs and digests begin, as beginnings of keys. */
export interface RegionFolders {
  /** Up to and with the account: an organisation's trail and the account's own do not mix. */
  readonly base: string
  readonly account: string
  readonly region: string
  digests: string | undefined
  logs: string | undefined
}

/** What a source holds. */
export interface Discovery {
  readonly regions: readonly RegionFolders[]
  /** Delivered files outside of CloudTrail's layout: keys by the last part of their name. */
  readonly strays: ReadonlyMap<string, string>
}

/** Other services of AWS that write below `AWSLogs/ACCOUNT/`, and CloudTrail's other folders: passed over at once. */
const otherFolder = /^(.*?AWSLogs\/(?:o-[a-z0-9]+\/)?\d{12}\/[^/]+\/)/
const mostStrays = 10_000

/** Finds the accounts and regions of a source. It reads one key of each folder and goes on behind it. */
export async function discover(source: ObjectSource, places: Places): Promise<Discovery> {
  const regions = new Map<string, RegionFolders>()
  const strays = new Map<string, string>()
  let after: string | undefined
  do {
    let behind: string | undefined
    for await (const { key } of source.list(after)) {
      behind = noteFolder(regions, places, key) ?? otherFolder.exec(key)?.[1]
      if (behind !== undefined) break
      if (strays.size < mostStrays && parseDeliveredName(key) !== undefined) strays.set(lastPart(key), key)
    }
    after = behind === undefined ? undefined : pastFolder(behind)
  } while (after !== undefined)
  return { regions: [...regions.values()], strays }
}

/** Notes a key of CloudTrail's layout and says which folder it is in; undefined for any other key, or where the folder is all. */
function noteFolder(regions: Map<string, RegionFolders>, places: Places, key: string): string | undefined {
  const path = places.pathOf(key)
  const found = parseFolder(path)
  if (found === undefined) return undefined
  const before = path.length - key.length
  const folder = found.folder.length > before ? found.folder.slice(before) : ''
  const { base, account, region } = found
  const name = `${base} ${region}`
  const known = regions.get(name) ?? { base, account, region, digests: undefined, logs: undefined }
  regions.set(name, known)
  known[found.kind === 'log' ? 'logs' : 'digests'] ??= folder
  return folder
}

/** What stands behind every key of a folder: `0` follows the slash. */
function pastFolder(folder: string): string | undefined {
  return folder === '' ? undefined : `${folder.slice(0, -1)}0`
}

/** The last part of a key. */
export function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}
