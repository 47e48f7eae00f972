import { readFile } from 'node:fs/promises'
import { z } from 'zod'

const publicationSchema = z.object({
  kind: z.enum(['directory', 's3', 'https']),
  address: z.string(),
  size: z.number().int().nonnegative(),
  at: z.iso.datetime(),
  /** The note that was put there. */
  checkpoint: z.string(),
})
/** The last checkpoint that was put to one place outside. */
export type Publication = z.infer<typeof publicationSchema>

const fileSchema = z.object({ v: z.literal(1), publications: z.array(publicationSchema) })

/** What is remembered of publications; none when nothing readable is. It lies beside the ledger, so it proves nothing. */
export async function readPublications(file: string): Promise<readonly Publication[]> {
  return parsePublications(await readFile(file, 'utf8').catch(() => undefined))
}

/** The same, from the file's text. */
export function parsePublications(text: string | undefined): readonly Publication[] {
  try {
    return fileSchema.parse(JSON.parse(text ?? '')).publications
  } catch {
    return []
  }
}
