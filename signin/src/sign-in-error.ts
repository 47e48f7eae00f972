/** Every way to fail: what is said (one sentence, `…` stands for the detail) and the exit code. */
const failures = {
  NOT_SIGNED_IN: { exit: 1, says: 'Not signed in: run `triptych-signin login`.' },
  SIGNED_IN_ELSEWHERE: {
    exit: 1,
    says: 'The sign-in on this machine is for another issuer or client than the settings name: run `triptych-signin login`.',
  },
  SIGN_IN_ENDED: {
    exit: 1,
    says: 'The identity provider has ended this sign-in: sign in again with `triptych-signin login`.',
  },
  SIGN_IN_REFUSED: { exit: 1, says: 'The identity provider refused the sign-in (…): ask your administrator.' },
  SIGN_IN_TIMED_OUT: { exit: 1, says: 'Nobody signed in within the time allowed: run `triptych-signin login` again.' },
  NOT_REFRESHABLE: {
    exit: 1,
    says: 'The token has expired and the provider gave no refresh token: run `triptych-signin login`.',
  },
  TOKEN_MISSING: {
    exit: 1,
    says: 'The identity provider sent no … although the setting `token` asks for it: ask your administrator.',
  },
  SETTINGS_MISSING: {
    exit: 2,
    says: 'No identity provider is set: give `--issuer` and `--client-id`, or ask your administrator for a settings file.',
  },
  SETTINGS_INVALID: { exit: 2, says: 'The settings cannot be used: ….' },
  USAGE: { exit: 2, says: 'This cannot be understood (…): see `triptych-signin --help`.' },
  PROVIDER_AWAY: { exit: 3, says: 'The identity provider did not answer: check the network and try again.' },
  PROVIDER_INVALID: {
    exit: 3,
    says: 'The identity provider answered what it should not (…): ask your administrator to check the issuer.',
  },
  PORT_TAKEN: {
    exit: 3,
    says: 'The port for the browser’s answer cannot be listened on: close what holds it, or change `redirect_port`.',
  },
  LOCKED: { exit: 3, says: 'Another sign-in command has been at work for too long: try again.' },
  TOO_SLOW: { exit: 3, says: 'The token could not be had in time: try again.' },
  KEYCHAIN_UNUSABLE: {
    exit: 3,
    says: 'The keychain (…) cannot be used: unlock it, or sign in again with `triptych-signin login`.',
  },
  STORE_EXPOSED: {
    exit: 3,
    says: 'Others may read or own …: run `chmod go= …` after checking its owner, then sign in again.',
  },
  STORE_UNREADABLE: {
    exit: 3,
    says: 'The stored sign-in cannot be read (…): sign in again with `triptych-signin login`.',
  },
  STORE_UNWRITABLE: {
    exit: 3,
    says: 'The sign-in cannot be stored (…): check the directory’s permissions and free space.',
  },
  NOT_REVOKED: { exit: 3, says: 'Signed out on this machine, but the identity provider could not be told.' },
} as const

/** What went wrong, for callers to match on. */
export type Failure = keyof typeof failures

/** The one error type. Its message is one sentence for a person; `detail` is a field, path or code, never a token. */
export class SignInError extends Error {
  override readonly name = 'SignInError'
  readonly failure: Failure

  constructor(failure: Failure, detail = '', cause?: unknown) {
    super(failures[failure].says.replaceAll('…', printable(detail)), cause === undefined ? undefined : { cause })
    this.failure = failure
  }

  get exit(): number {
    return failures[this.failure].exit
  }
}

/** True for our error, optionally of one kind. */
export function isSignInError(value: unknown, failure?: Failure): value is SignInError {
  return value instanceof SignInError && (failure === undefined || value.failure === failure)
}

/** The errno of a system error (`ENOENT`), else undefined. */
export function errnoOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('code' in value)) return undefined
  return typeof value.code === 'string' ? value.code : undefined
}

/** Text from elsewhere without control characters, which a terminal would obey; at most 300 characters. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').slice(0, 300)
}
