/** What somebody may do; a session holds one or more. */
export const roles = ['viewer', 'investigator', 'content', 'privacy', 'admin', 'auditor'] as const
/** One of them. */
export type Role = (typeof roles)[number]
