import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { parseJson } from '../json/parse-json.ts'
import { errnoOf, TriptychError } from '../triptych-error.ts'
import type { DescribedObject } from './object-source.ts'

/** Behind a file's name: the file that holds its object's metadata. */
export const besideSuffix = '.metadata.json'
const metaPrefix = 'x-amz-meta-'
const longest = 65_536

const texts = z.record(z.string(), z.string())
const headObject = z.looseObject({ Metadata: texts, original: z.string().optional() })
const flat = z.looseObject({ original: z.string().optional() })

type Beside = Omit<DescribedObject, 'body'>

/**
 * What stands beside a file of a directory, which has no user metadata itself: `NAME.metadata.json` with the answer of
 * `aws s3api head-object` (its `Metadata` counts), or the names and values alone; either may add `original`, an `s3://` address.
 */
export async function metadataBeside(file: string): Promise<Beside> {
  const text = await readFile(file + besideSuffix, 'utf8').catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new TriptychError('SOURCE_FAILED', { path: file, reason: errnoOf(cause) ?? 'unknown' }, cause)
  })
  return text === undefined ? { metadata: {} } : parseBeside(text)
}

/** The same from the note's text. */
export function parseBeside(text: string): Beside {
  const value = text.length > longest ? undefined : parseJson(text)
  if (value === undefined) return { metadata: {}, metadataFault: 'JSON' }
  const answer = headObject.safeParse(value)
  if (answer.success) return described(answer.data.Metadata, answer.data.original)
  const own = flat.safeParse(value)
  if (!own.success || hasMetadata(value)) return { metadata: {}, metadataFault: fieldOf(answer.error) }
  const { original, ...rest } = own.data
  const metadata = texts.safeParse(rest)
  return metadata.success
    ? described(metadata.data, original)
    : { metadata: {}, metadataFault: fieldOf(metadata.error) }
}

function described(metadata: Readonly<Record<string, string>>, original: string | undefined): Beside {
  const names = Object.entries(metadata).map(([name, value]) => {
    const lower = name.toLowerCase()
    return [lower.startsWith(metaPrefix) ? lower.slice(metaPrefix.length) : lower, value]
  })
  return { metadata: Object.fromEntries(names), ...(original === undefined ? {} : { original }) }
}

function hasMetadata(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'Metadata' in value
}

function fieldOf(error: z.ZodError | undefined): string {
  return error?.issues[0]?.path.join('.') || 'JSON'
}
