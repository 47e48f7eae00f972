import { hash } from 'node:crypto'
import type { Archive } from '../../evidence/archive/archive.ts'
import { archiveKinds } from '../../evidence/archive/provenance.ts'
import type { Ledger, LedgerRecord } from '../../evidence/ledger/ledger.ts'
import { archiveSource } from '../../evidence/ledger/source-positions.ts'
import type { Logger } from '../../platform/logger.ts'

const filesPerBatch = 1000

/** What an entry says of an archived file: the hash of its provenance record, which holds the file's own. */
export function commitOfProvenance(text: string): string {
  return hash('sha256', text)
}

/** Makes entries of archived files that are none yet, each looked at once per start; the ledger knows those of earlier ones. */
export function createArchiveEntering(archive: Archive, ledger: Ledger, logger: Logger): () => Promise<void> {
  const looked = new Map<string, number>()
  return async () => {
    for (const kind of archiveKinds) {
      let at = looked.get(kind) ?? 0
      let batch: LedgerRecord[] = []
      const enter = async () => {
        await ledger.append(batch)
        looked.set(kind, at)
        batch = []
      }
      for await (const { text, unreadable } of archive.provenances(kind, at)) {
        at += 1
        if (unreadable) logger.error('hub.ledger.file-not-entered', { kind })
        // A file whose provenance a crash cut off is put again, and comes again then.
        if (text !== undefined)
          batch.push({ source: archiveSource, type: `file.${kind}`, commit: commitOfProvenance(text) })
        if (batch.length >= filesPerBatch) await enter()
      }
      await enter()
    }
  }
}
