/** Which record of a call is proven: two of the gateway's journal, or the provenance of the file of another witness. */
export const provableRecords = ['intent', 'outcome', 'access', 'content'] as const
/** Which record of a call is proven. */
export type ProvableRecord = (typeof provableRecords)[number]
