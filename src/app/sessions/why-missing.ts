const words: Readonly<Record<string, string>> = {
  '': 'the invocation log has no record of this call',
  not_kept: 'not kept, as the policy says',
  separate: 'it stands in an object of its own that was not found',
  absent: 'the invocation log holds none',
  lost: 'body lost: CloudWatch alone takes none over 100 KB; give the logging a bucket',
}

/** Why a body is not in the vault, by the state in its record. */
export function whyMissing(state: string): string {
  return words[state] ?? state
}
