/** The three witnesses by layer, called as the command line calls them: a letter for a list, a name, and what it is. */
export const witnessTable = {
  access: { letter: 'A', name: 'Access', says: 'CloudTrail, by AWS', inWords: 'access (CloudTrail)' },
  gateway: { letter: 'G', name: 'Gateway', says: 'ours', inWords: 'gateway' },
  content: { letter: 'C', name: 'Content', says: 'Bedrock’s invocation log', inWords: 'content (invocation log)' },
} as const

/** The same from left to right. */
export const witnessRows = [
  { layer: 'access', ...witnessTable.access },
  { layer: 'gateway', ...witnessTable.gateway },
  { layer: 'content', ...witnessTable.content },
] as const
