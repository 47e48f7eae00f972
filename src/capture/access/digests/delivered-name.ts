/** What the name of a delivered file says. Times in ms. */
export type DeliveredName =
  | {
      readonly kind: 'digest'
      readonly account: string
      readonly region: string
      readonly trail: string
      readonly homeRegion: string
      /** End of its window. */
      readonly at: number
      readonly backfill: boolean
    }
  | {
      readonly kind: 'log'
      readonly account: string
      readonly region: string /** Delivery, to the minute. */
      readonly at: number
    }

// CloudTrail user guide, "CloudTrail log file name format" and "CloudTrail digest file structure".
const digestName =
  /^(\d{12})_CloudTrail-Digest_([a-z0-9-]{3,30})_([A-Za-z0-9._-]{3,128})_([a-z0-9-]{3,30})_(\d{8}T\d{6}Z)(_backfill)?\.json\.gz$/
const logName = /^(\d{12})_CloudTrail_([a-z0-9-]{3,30})_(\d{8}T\d{4}Z)_[A-Za-z0-9]{1,64}\.json\.gz$/

/** Reads the last part of a key; undefined for anything that is neither log nor digest. */
export function parseDeliveredName(key: string): DeliveredName | undefined {
  const name = key.slice(key.lastIndexOf('/') + 1)
  return digestOf(name) ?? logOf(name)
}

function digestOf(name: string): DeliveredName | undefined {
  const [, account, region, trail, homeRegion, stamp, backfill] = digestName.exec(name) ?? []
  const at = timeOf(stamp)
  if (account === undefined || region === undefined || trail === undefined || homeRegion === undefined) return undefined
  return at === undefined
    ? undefined
    : { kind: 'digest', account, region, trail, homeRegion, at, backfill: backfill !== undefined }
}

function logOf(name: string): DeliveredName | undefined {
  const [, account, region, stamp] = logName.exec(name) ?? []
  const at = timeOf(stamp)
  return account === undefined || region === undefined || at === undefined
    ? undefined
    : { kind: 'log', account, region, at }
}

/** `20261124T1805Z`, also with seconds; undefined for a moment that is none. */
function timeOf(stamp: string | undefined): number | undefined {
  const [, day = '', time = ''] = /^(\d{8})T(\d{4,6})Z$/.exec(stamp ?? '') ?? []
  const clock = time.padEnd(6, '0')
  const iso = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${clock.slice(0, 2)}:${clock.slice(2, 4)}:${clock.slice(4)}.000Z`
  const at = Date.parse(iso)
  return !Number.isNaN(at) && new Date(at).toISOString() === iso ? at : undefined
}

/** Where in a path a region's folder of logs or digests stands. */
export interface DeliveredFolder {
  /** The path before `[o-…/]ACCOUNT/`. */
  readonly lead: string
  /** The path up to and with the account, which several trails may have in common. */
  readonly base: string
  readonly account: string
  readonly region: string
  readonly kind: 'digest' | 'log'
  /** The path up to and with the region's slash. */
  readonly folder: string
}

const layout = /^(.*?\/)?((?:o-[a-z0-9]{1,32}\/)?(\d{12}))\/(CloudTrail|CloudTrail-Digest)\/([a-z0-9-]{3,30})\//

/** The folder of a path in CloudTrail's layout, with an organisation's segment or without. */
export function parseFolder(path: string): DeliveredFolder | undefined {
  const [folder, lead = '', holder, account, kind, region] = layout.exec(path) ?? []
  if (folder === undefined || holder === undefined || account === undefined || region === undefined) return undefined
  return { lead, base: lead + holder, account, region, kind: kind === 'CloudTrail' ? 'log' : 'digest', folder }
}
