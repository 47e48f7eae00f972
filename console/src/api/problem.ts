/** What the server says when it cannot answer (RFC 9457), or what the console says when the server says nothing. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly code: string
  /** What to do about it. */
  readonly fix: string
  readonly facts: Readonly<Record<string, unknown>>
  /** When it was seen. */
  readonly at: string

  constructor(parts: {
    readonly status: number
    readonly title: string
    readonly code: string
    readonly fix: string
    readonly facts: Readonly<Record<string, unknown>>
  }) {
    super(parts.title)
    this.status = parts.status
    this.code = parts.code
    this.fix = parts.fix
    this.facts = parts.facts
    this.at = new Date().toISOString()
  }
}

/** The hub did not answer at all. */
export function unreachable(): ApiProblem {
  return new ApiProblem({
    status: 0,
    title: 'the hub does not answer',
    code: 'HUB_UNREACHABLE',
    fix: 'check that `triptych up` or `triptych hub` still runs; this page tries again by itself',
    facts: {},
  })
}

/** Reads the problem of an answer, whatever stands in it. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => undefined)
  const said = isRecord(body) ? body : {}
  return new ApiProblem({
    status: response.status,
    title: textOf(said['title']) ?? `the hub answered with status ${response.status}`,
    code: textOf(said['code']) ?? `HTTP_${response.status}`,
    fix: textOf(said['fix']) ?? '',
    facts: isRecord(said['facts']) ? said['facts'] : {},
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
