/** Where an object was delivered, as digests say it. */
export interface Delivered {
  readonly bucket: string
  readonly object: string
}

/** How the keys of a source and the places of delivery belong together. */
export interface Places {
  /** The path that a key's layout is read from: a directory may itself lie within the layout. */
  pathOf(key: string): string
  /** Whether a key is where something was delivered; `moved` when it is said to have been there. */
  holds(key: string, delivered: Delivered, original: string | undefined): 'here' | 'moved' | 'no'
  /** The key at which something delivered should lie; undefined when it is not in this source. */
  keyOf(delivered: Delivered, near: string): string | undefined
}

/**
 * The places of a source by its origin. `original` is the `s3://bucket/prefix` whose copy the source is; without it a bucket is
 * held against its own name, and a directory by what follows the account in its paths.
 */
export function placesOf(origin: string, original: string | undefined): Places {
  const bucket = bucketOf(origin)
  if (original !== undefined) return copyOf(origin, original)
  return bucket === undefined ? directoryPlaces(origin) : bucketPlaces(bucket)
}

function bucketPlaces({ name, prefix }: Bucket): Places {
  return {
    pathOf: (key) => key,
    holds: (key, { bucket, object }, original) =>
      bucket === name && object === key ? 'here' : saidToBe(original, { bucket, object }),
    // What digests say is data: outside of what was given nothing is read.
    keyOf: ({ bucket, object }) => (bucket === name && object.startsWith(prefix) ? object : undefined),
  }
}

function directoryPlaces(root: string): Places {
  const pathOf = (key: string) => `${root}/${key}`
  return {
    pathOf,
    holds(key, { bucket, object }, original) {
      const path = pathOf(key)
      const same = tailOf(path) ?? path
      const wanted = tailOf(object) ?? object
      return same === wanted || path.endsWith(`/${object}`) ? 'here' : saidToBe(original, { bucket, object })
    },
    keyOf({ object }, near) {
      const lead = leadOf(pathOf(near))
      const tail = tailOf(object)
      const path = lead === undefined || tail === undefined ? pathOf(object) : lead + tail
      return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined
    },
  }
}

/** A copy of a bucket's prefix, in another bucket or a directory. */
function copyOf(origin: string, original: string): Places {
  const from = bucketOf(original)
  const prefix = asFolder(from?.prefix ?? '')
  const own = bucketOf(origin)
  const ownPrefix = own === undefined ? '' : asFolder(own.prefix)
  return {
    pathOf: (key) => (own === undefined ? `${origin}/${key}` : key),
    holds(key, delivered, noted) {
      const at = prefix + key.slice(ownPrefix.length)
      if (delivered.bucket !== from?.name || delivered.object !== at) return saidToBe(noted, delivered)
      return own === undefined || (own.name === from.name && at === key) ? 'here' : 'moved'
    },
    keyOf({ bucket, object }) {
      if (bucket !== from?.name || !object.startsWith(prefix)) return undefined
      return ownPrefix + object.slice(prefix.length)
    },
  }
}

function saidToBe(original: string | undefined, { bucket, object }: Delivered): 'moved' | 'no' {
  return original === `s3://${bucket}/${object}` ? 'moved' : 'no'
}

const holder = /^(.*?\/)?(?:o-[a-z0-9]{1,32}\/)?\d{12}\/CloudTrail(?:-[A-Za-z]+)?\//

/** What stands before `[o-…/]ACCOUNT/CloudTrail…`, also of CloudTrail's folders that are not read by themselves. */
function leadOf(path: string): string | undefined {
  const [found, lead = ''] = holder.exec(path) ?? []
  return found === undefined ? undefined : lead
}

/** What follows the lead of a path in CloudTrail's layout: `[o-…/]ACCOUNT/CloudTrail…`. */
function tailOf(path: string): string | undefined {
  const lead = leadOf(path)
  return lead === undefined ? undefined : path.slice(lead.length)
}

interface Bucket {
  readonly name: string
  readonly prefix: string
}

function bucketOf(url: string): Bucket | undefined {
  const [, name, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(url) ?? []
  return name === undefined ? undefined : { name, prefix }
}

function asFolder(prefix: string): string {
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
}
