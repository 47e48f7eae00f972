import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncDir } from '../../platform/files.ts'
import { seal, unseal } from '../../platform/sealed-box.ts'
import { errnoOf, TriptychError } from '../../platform/triptych-error.ts'

/** A pack is one file of sealed bodies, each under its person's key; a reference is `<pack>/<offset>/<length>`. */
export interface PackWriter {
  /** Seals a body and says where it will stand. */
  add(alias: string, body: Uint8Array): Promise<string>
  /** Makes the pack durable under its name. */
  finish(): Promise<void>
  /** Forgets it. */
  abandon(): Promise<void>
}

/** Where a body stands. */
export interface PackPlace {
  readonly pack: string
  readonly offset: number
  readonly length: number
}

const refForm = /^([0-9a-f]{16,64})\/(\d{1,15})\/(\d{1,10})$/

/** Reads a reference. */
export function parseRef(ref: string): PackPlace | undefined {
  const [, pack, offset, length] = refForm.exec(ref) ?? []
  return pack === undefined ? undefined : { pack, offset: Number(offset), length: Number(length) }
}

/** Starts a pack beside its final name; nothing is seen of it before `finish`. */
export async function createPackWriter(
  dir: string,
  id: string,
  keyOf: (alias: string) => Promise<Buffer>,
  random: (bytes: number) => Uint8Array,
): Promise<PackWriter> {
  const path = pathOf(dir, id)
  const temporary = `${path}.tmp`
  let file: FileHandle | undefined
  let offset = 0
  return {
    async add(alias, body) {
      if (file === undefined) {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        file = await open(temporary, 'w', 0o600)
      }
      const at = offset
      const box = seal(await keyOf(alias), body, contextOf(id, at), random)
      offset += box.length
      await file.write(box, 0, box.length, at)
      return `${id}/${at}/${box.length}`
    },
    async finish() {
      if (file === undefined) return
      await file.sync()
      await file.close()
      file = undefined
      await rename(temporary, path)
      await syncDir(dirname(path))
    },
    async abandon() {
      if (file === undefined) return
      await file.close()
      file = undefined
      await rm(temporary, { force: true })
    },
  }
}

/** Reads one body. */
export async function readFromPack(dir: string, place: PackPlace, key: Uint8Array): Promise<Buffer> {
  const file = await open(pathOf(dir, place.pack), 'r').catch((cause: unknown) => {
    throw new TriptychError('VAULT_UNREADABLE', { what: 'pack', reason: errnoOf(cause) ?? 'unknown' }, cause)
  })
  try {
    const box = Buffer.alloc(place.length)
    const { bytesRead } = await file.read(box, 0, place.length, place.offset)
    const body = bytesRead === place.length ? unseal(key, box, contextOf(place.pack, place.offset)) : undefined
    if (body === undefined) throw new TriptychError('VAULT_UNREADABLE', { what: 'body' })
    return body
  } finally {
    await file.close()
  }
}

function pathOf(dir: string, id: string): string {
  return join(dir, id.slice(0, 2), `${id}.pack`)
}

function contextOf(id: string, offset: number): string {
  return `content:${id}:${offset}`
}
