const form = /^#\/sign-in\?link=([A-Za-z0-9_-]{43})$/

/** What stood in the address at start. */
export interface StartAddress {
  readonly link: string | undefined
  /** The address to go on with; undefined when it may stay. */
  readonly goTo: string | undefined
}

/**
 * The word of a one-time link. It stands in the fragment, which no server sees, and must not stay in address bar or history: whoever
 * reads it first opens the session.
 */
export function readStartAddress(hash: string): StartAddress {
  if (!hash.startsWith('#/sign-in')) return { link: undefined, goTo: undefined }
  return { link: form.exec(hash)?.[1], goTo: '/' }
}
