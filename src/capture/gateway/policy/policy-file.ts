import { readFile } from 'node:fs/promises'
import { readNamedFile } from '../../../platform/files.ts'
import type { Logger } from '../../../platform/logger.ts'
import { asTriptychError } from '../../../platform/triptych-error.ts'
import type { PolicyChanged } from '../../../record/gateway-call.ts'
import { type CompiledPolicy, compilePolicy } from './decide.ts'
import { type Policy, parsePolicy } from './policy.ts'

/** Looked at this often: a changed policy is in force, or refused, within it. */
const lookEveryMs = 1_000

/** The policy in force. */
export interface PolicyInForce {
  current(): CompiledPolicy
  /** Code of what is wrong with the file as it stands now; empty while it is the one in force. */
  fault(): string
  close(): void
}

/** What watching a file needs. */
export interface PolicyFileParts {
  readonly path: string
  readonly logger: Logger
  /** Each policy that comes into force, and each file that is refused. */
  readonly record: (change: PolicyChanged) => Promise<unknown>
}

/** Reads a policy file. Throws POLICY_INVALID, and FILE_UNREADABLE with the errno. */
export async function readPolicy(path: string): Promise<{ readonly text: string; readonly policy: Policy }> {
  const text = (await readNamedFile(path)).toString('utf8')
  return { text, policy: parsePolicy(text) }
}

/**
 * The policy of a file, read again when it changes: calls that run keep the decision they got. A file that cannot be read or is no
 * policy is refused, said and recorded once, and the policy before stays in force. Throws as `readPolicy` when the first is refused.
 */
export async function watchPolicy({ path, logger, record }: PolicyFileParts): Promise<PolicyInForce> {
  const first = await readPolicy(path)
  let text = first.text
  let compiled = compilePolicy(first.policy)
  let fault = ''
  await record({ state: 'in_force', policy: compiled.version, code: '' })
  const look = async () => {
    const now = await readFile(path, 'utf8').catch(() => undefined)
    if (now === text) return
    text = now ?? ''
    try {
      compiled = compilePolicy((await readPolicy(path)).policy)
      fault = ''
      logger.info('gateway.policy.in-force', { policy: compiled.version })
      await record({ state: 'in_force', policy: compiled.version, code: '' })
    } catch (cause) {
      const { code, facts } = asTriptychError(cause)
      fault = code
      logger.error('gateway.policy.refused', { code, line: facts['line'] ?? 0, field: String(facts['field'] ?? '') })
      await record({ state: 'refused', policy: compiled.version, code })
    }
  }
  let looking = false
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    void look()
      .catch(() => logger.error('gateway.policy.unwritten'))
      .finally(() => {
        looking = false
      })
  }, lookEveryMs)
  timer.unref()
  return { current: () => compiled, fault: () => fault, close: () => clearInterval(timer) }
}

/** A policy that does not change while the gateway runs. */
export function fixedPolicy(compiled: CompiledPolicy): PolicyInForce {
  return { current: () => compiled, fault: () => '', close: () => undefined }
}
