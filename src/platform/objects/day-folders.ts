import type { ObjectSource } from './object-source.ts'

/** A source that can be asked for folders. */
export type FolderSource = ObjectSource & Required<Pick<ObjectSource, 'folders'>>

/** True for a source that can be asked for folders. */
export function hasFolders(source: ObjectSource): source is FolderSource {
  return source.folders !== undefined
}

/** Folders that are not gone into: what lies below is read by something else, or is no log. */
const left = /\/(CloudTrail-Digest|CloudTrail-Insight|CloudTrail-Aggregated|data)\/$/
const mostDepth = 12

/**
 * The folders whose children are years: `…/CloudTrail/us-east-1/`, `…/BedrockModelInvocationLogs/us-east-1/`. Empty where the keys
 * of a source do not begin with the day.
 */
export async function dayRoots(source: FolderSource): Promise<readonly string[]> {
  const found: string[] = []
  let level = ['']
  for (let depth = 0; level.length > 0 && depth < mostDepth; depth++) {
    const next: string[] = []
    for (const folder of level) {
      const below = await source.folders(folder)
      if (below.some(isYear)) found.push(folder === '' ? parentOf(below) : folder)
      else next.push(...below.filter((child) => !left.test(`/${child}`)))
    }
    level = next
  }
  return found
}

/** The newest day before another that a root has a folder of, `YYYY/MM/DD`; years and months that are too new are not looked into. */
export async function dayBefore(source: FolderSource, root: string, than: string): Promise<string | undefined> {
  const last = `${root}${than}`
  const mayHold = (folder: string) => folder.slice(0, -1) <= last.slice(0, folder.length - 1)
  for (const year of newestFirst(await source.folders(root), isYear).filter(mayHold))
    for (const month of newestFirst(await source.folders(year), isPart).filter(mayHold))
      for (const day of newestFirst(await source.folders(month), isPart))
        if (day.slice(0, -1) < last) return day.slice(root.length, -1)
  return undefined
}

function newestFirst(folders: readonly string[], fits: (folder: string) => boolean): readonly string[] {
  return folders.filter(fits).toSorted((a, b) => (a < b ? 1 : -1))
}

function isYear(folder: string): boolean {
  return /(^|\/)(19|20)\d{2}\/$/.test(folder)
}

function isPart(folder: string): boolean {
  return /\/\d{2}\/$/.test(folder)
}

function parentOf(folders: readonly string[]): string {
  return (folders.find(isYear) ?? '').replace(/\d{4}\/$/, '')
}
