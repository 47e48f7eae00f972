import type { Journal, Receipt } from '../platform/journal/journal.ts'
import { createRecordWriter } from '../platform/journal/record-writer.ts'
import { type HubAct, type HubActType, hubActSchemas } from '../record/hub-act.ts'
import { recordForm } from '../record/record-form.ts'

/** Writes an act of the hub, durable when it resolves. */
export type RecordAct = <T extends HubActType>(type: T, act: HubAct<T>) => Promise<Receipt>

const metadataOnly = ['metadata'] as const

/** The hub's journal in its own words. */
export function createHubJournal(journal: Journal): RecordAct {
  const form = (type: HubActType) => recordForm(hubActSchemas[type], metadataOnly)
  const write = createRecordWriter(journal, {
    'hub.started': form('hub.started'),
    'hub.stopped': form('hub.stopped'),
    'file.ingested': form('file.ingested'),
    'snapshot.taken': form('snapshot.taken'),
    'answer.given': form('answer.given'),
    'session.minted': form('session.minted'),
    'session.opened': form('session.opened'),
    'session.closed': form('session.closed'),
    'sensitive.read': form('sensitive.read'),
    'content.logging': form('content.logging'),
    'message.set-aside': form('message.set-aside'),
    'journal.broken': form('journal.broken'),
    'identities.kept': form('identities.kept'),
    'ledger.conflict': form('ledger.conflict'),
    'ledger.broken': form('ledger.broken'),
    'ledger.forked': form('ledger.forked'),
    'checkpoint.published': form('checkpoint.published'),
    'store.rebuilt': form('store.rebuilt'),
  })
  return (type, act) => write(type, act)
}
