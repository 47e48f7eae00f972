import { join, resolve } from 'node:path'
import { Argument, Command, CommanderError, Option } from 'commander'
import { type HeldClock, systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/logger.ts'
import { keepMemoryOutOfDumps } from '../../platform/no-core-dumps.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import { foreignProducts } from '../../record/foreign-call.ts'
import { provableRecords } from '../../record/provable-record.ts'
import { type Role, roles } from '../access/roles.ts'
import { environment, isConfigured, loadConfig } from '../config.ts'
import type { Config } from '../config-schema.ts'
import { dataDirAt } from '../data-dir.ts'
import { ingestKinds } from '../ingest/ingest-result.ts'
import { ChildFailed } from '../processes/child.ts'
import { version } from '../version.ts'
import { archiveCheckCommand } from './commands/archive-check.ts'
import { checkNamedFiles } from './commands/config-check.ts'
import { consoleLink, ownerRoles } from './commands/console.ts'
import { ingestCommand } from './commands/ingest.ts'
import { createKeyCommand, type KeyOptions, listKeysCommand, revokeKeyCommand } from './commands/keys.ts'
import { type PolicyTestOptions, policyTestCommand } from './commands/policy-test.ts'
import { proveCommand } from './commands/prove.ts'
import { rebuildCommand } from './commands/rebuild.ts'
import { runUntilStopped } from './commands/run-child.ts'
import { type VerifyGiven, verifyCommand, verifyOptions, verifyReceiptCommand } from './commands/verify.ts'
import { type DigestsGiven, takesDigestOptions, verifyCloudTrailCommand } from './commands/verify-cloudtrail.ts'
import { addContentCommands } from './content-commands.ts'
import { toExit } from './errors-to-exit.ts'
import type { HubClient } from './hub-client.ts'
import { createLogWriter } from './log-writer.ts'
import type { Screen } from './print.ts'
import { addReadCommands } from './read-commands.ts'

const screen: Screen = {
  write: (text) => void process.stdout.write(text),
  colour: process.stdout.isTTY === true && environment['NO_COLOR'] === undefined,
  width: process.stdout.columns ?? Number.POSITIVE_INFINITY,
}
const writeLog = createLogWriter()
const packageRoot = resolve(import.meta.dirname, '../../..')
const script = join(packageRoot, 'bin', 'triptych.js')

let exitCode = 0
const program = new Command('triptych')
  .description(
    'audit and compliance for Claude on Amazon Bedrock: three witnesses of every model call, joined and compared',
  )
  .version(version)
  .option('--config <file>', 'configuration file (default: triptych.yaml, where there is one)')
  .showHelpAfterError('(see triptych --help)')
  .exitOverride()

/** For commands that run until they are told to stop; any other ends at once, as a signal's default is. */
function untilStopped(): Promise<void> {
  return new Promise((stop) => {
    process.once('SIGINT', () => stop())
    process.once('SIGTERM', () => stop())
  })
}

/** A simulated process may start with its clock held (ms); a real one ignores it. */
function heldClock(): Option {
  return new Option('--clock <ms>').argParser(Number).hideHelp()
}

function config(): Config {
  return loadConfig(configFile())
}

function configFile(): string | undefined {
  const given: unknown = program.opts()['config']
  return typeof given === 'string' ? given : undefined
}

function configArgs(): readonly string[] {
  const file = configFile()
  return file === undefined ? [] : ['--config', file]
}

function logger(current: Config) {
  return createLogger(current.log.level, writeLog)
}

function asRole(text: string): Role {
  const found = roles.find((role) => role === text)
  if (found !== undefined) return found
  throw new TriptychError('QUERY_INVALID', { field: 'roles', reason: `each one of ${roles.join(', ')}` })
}

async function withHub(use: (client: HubClient) => Promise<number | undefined>, mayMake = false): Promise<void> {
  // What needs a hub loads what a hub needs; the others start in half the time.
  const { connectHub } = await import('./hub-client.ts')
  const client = await connectHub(config(), mayMake)
  try {
    exitCode = (await use(client)) ?? 0
  } finally {
    await client.close()
  }
}

program
  .command('up')
  .description('run gateway and hub on this machine; without a configured account, on a simulated one')
  .action(async () => {
    const file = configFile()
    const env = Object.fromEntries(
      Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
    const { upCommand } = await import('./commands/up.ts')
    exitCode = await upCommand({
      config: config(),
      configFile: file,
      configured: isConfigured(file),
      script,
      packageRoot,
      env,
      screen,
      stopped: untilStopped(),
    })
  })

program
  .command('gateway')
  .description('run the gateway: the data path')
  .addOption(heldClock())
  .action(async (options: { clock?: number }) => {
    const current = config()
    if (!keepMemoryOutOfDumps()) logger(current).warn('gateway.core-dumps.not-limited')
    const command = { script, args: [...configArgs(), 'gateway'] }
    const { runGateway } = await import('./commands/gateway.ts')
    exitCode = await runGateway(current, command, logger(current), untilStopped(), options.clock)
  })

program
  .command('hub')
  .description('run the hub: collectors, store, verdicts, API')
  .addOption(heldClock())
  .action(async (options: { clock?: number }) => {
    const current = config()
    const { startHub } = await import('../compose/hub.ts')
    const start = async (clock: HeldClock) => {
      const hub = await startHub(current, clock, logger(current))
      return { url: hub.socketPath, close: hub.close, onClock: hub.takeSnapshots }
    }
    exitCode = await runUntilStopped(current.simulated, start, untilStopped(), options.clock)
  })

program
  .command('console')
  .description('print a link to the console; it opens one session, once, within ten minutes')
  .addOption(
    new Option('--roles <roles>', `what the session may, of ${roles.join(', ')}`).default(ownerRoles.join(',')),
  )
  .option('--json', 'JSON')
  .action((options: { roles: string; json?: boolean }) =>
    withHub(async (client) => {
      const link = await consoleLink(client, options.roles.split(',').map(asRole))
      if (link === undefined) throw new TriptychError('HUB_UNREACHABLE', { reason: 'no hub runs on this directory' })
      screen.write(options.json === true ? `${JSON.stringify({ link })}\n` : `${link}\n`)
      return undefined
    }),
  )

program
  .command('ingest')
  .description(
    'take log files in once: cloudtrail, invocations or gateway-log, from files, directories or s3:// addresses',
  )
  .addArgument(new Argument('<kind>', 'what the files are').choices(ingestKinds))
  .argument('<path...>', 'files, directories or s3://bucket/prefix')
  .addOption(new Option('--format <product>', 'which product wrote a gateway-log').choices(foreignProducts))
  .option('--name <name>', 'tells the logs of two gateways of one product apart (default log)')
  .option('--json', 'one JSON line per file')
  .action((kind: string, paths: string[], options: { json?: boolean; format?: string; name?: string }) => {
    if (kind === 'gateway-log' && options.format === undefined) throw new TriptychError('INGEST_FORMAT_MISSING')
    const { format, name } = options
    const log = kind === 'gateway-log' ? { format, ...(name === undefined ? {} : { name }) } : {}
    const absolute = paths.map((path) => (path.startsWith('s3://') ? path : resolve(path)))
    return withHub((client) => ingestCommand(client, { kind, ...log }, absolute, options.json === true, screen), true)
  })

addReadCommands(program, screen, withHub)
addContentCommands(program, screen, withHub)

const verify = program
  .command('verify')
  .description('hold log, journals and archive against the signed checkpoint; the first fault is named')
  .option('--data <dir>', 'a data directory (default: as configured)')
  .addOption(new Option('--log <dir>', 'the directory of a log alone, without records, instead').conflicts('data'))
  .addOption(new Option('--url <url>', 'a log that is served, instead').conflicts(['data', 'log']))
  .option('--key <vkey>', 'the public verifier key, or a file that holds it, kept elsewhere')
  .option('--checkpoint <file...>', 'checkpoints that were kept elsewhere')
  .option('--proof <file>', 'verify one receipt instead')
  .option('--json', 'JSON')
  .action(async (given: VerifyGiven) => {
    const options = verifyOptions(given, () => config().dataDir)
    exitCode =
      given.proof === undefined
        ? await verifyCommand(options, screen, systemClock)
        : await verifyReceiptCommand(given.proof, options, screen)
  })
takesDigestOptions(
  verify
    .command('cloudtrail')
    .description('hold CloudTrail’s log files against the digests that AWS signed; needs no hub and no data directory')
    .argument('<path>', 'a directory that holds AWSLogs/, or s3://bucket/prefix'),
).action(async (path: string, _given: DigestsGiven, command: Command) => {
  // `--json` stands before or behind the word: `verify` itself takes it.
  exitCode = await verifyCloudTrailCommand(path, command.optsWithGlobals(), config().aws, screen, systemClock)
})

program
  .command('prove')
  .description('the receipt of one record of a call, verifiable offline')
  .argument('<id>', 'call id or AWS request id')
  .addOption(
    new Option(
      '--record <record>',
      'which record (default: the first that there is of outcome, intent, access, content)',
    ).choices(provableRecords),
  )
  .option('-o, --output <file>', 'write the receipt there (FILE.tlog-proof)')
  .option('--json', 'JSON')
  .action((id: string, given: { record?: string; output?: string; json?: boolean }) => {
    const options = { record: given.record, output: given.output, json: given.json === true }
    return withHub(async (client) => void (await proveCommand(client, id, options, screen)))
  })

program
  .command('rebuild')
  .description('make the store again from the archive and the journals')
  .option('--json', 'JSON')
  .action((options: { json?: boolean }) => withHub((client) => rebuildCommand(client, options.json === true, screen)))

program
  .command('archive')
  .description('files as they were received')
  .command('check')
  .description('hash every archived file again and hold it against its provenance')
  .option('--json', 'JSON')
  .action((options: { json?: boolean }) =>
    withHub((client) => archiveCheckCommand(client, options.json === true, screen)),
  )

const dirs = () => dataDirAt(config().dataDir)
const keys = program.command('keys').description('service keys for pipelines')
keys
  .command('create')
  .description('make a key; it is shown this once')
  .argument('<name>', 'lower-case letters, digits and dashes')
  .option('--team <team>')
  .option('--project <project>')
  .option('--cost-centre <centre>')
  .option('--model <pattern...>', 'base model ids it may use of what the policy allows it; * stands for anything')
  .option('--operation <operation...>', 'operations it may use, as CloudTrail names them')
  .option('--days <n>', 'ends after so many days', '90')
  .option('--json', 'JSON')
  .action((name: string, options: KeyOptions) => createKeyCommand(dirs(), name, options, screen, systemClock))
keys
  .command('list')
  .description('all keys, without their secrets')
  .option('--json', 'JSON')
  .action((options: { json?: boolean }) => listKeysCommand(dirs(), options.json === true, screen, systemClock))
keys
  .command('revoke')
  .description('end a key; gateways notice within a second')
  .argument('<id>')
  .option('--json', 'JSON')
  .action((id: string, options: { json?: boolean }) =>
    revokeKeyCommand(dirs(), id, options.json === true, screen, systemClock),
  )

program
  .command('policy')
  .description('who may use what, and how much')
  .command('test')
  .description('check a policy file and run its tests; with --model, answer one question')
  .argument('[file]', 'a policy (default: gateway.policy of the configuration)')
  .option('--model <id>', 'any form of a model id')
  .option('--group <group...>', 'groups of the caller')
  .option('--team <team>')
  .option('--person <address>', 'an address or subject, as the token says it')
  .option('--service-key <name>')
  .option('--region <region>', 'default us-east-1')
  .option('--operation <operation>', 'as CloudTrail names it (default InvokeModel)')
  .option('--max-tokens <n>', 'output tokens asked for')
  .option('--json', 'JSON')
  .action(async (file: string | undefined, options: PolicyTestOptions) => {
    const path = file ?? config().gateway.policy
    if (path === undefined)
      throw new TriptychError('CONFIG_INVALID', { key: 'gateway.policy', reason: 'not set: name a file' })
    exitCode = await policyTestCommand(resolve(path), options, screen)
  })

/** The arguments go to the sign-in as they are; `main.ts` leads there without loading this file. */
async function signIn(_options: unknown, command: Command): Promise<void> {
  const { runHere } = await import('triptych-signin')
  exitCode = await runHere([command.name(), ...command.args], 'triptych')
}

program
  .command('login')
  .description('a developer signs in with the company’s identity provider')
  .allowUnknownOption()
  .allowExcessArguments()
  .action(signIn)
program
  .command('token')
  .description('print the developer’s token: for Claude Code’s apiKeyHelper')
  .allowUnknownOption()
  .allowExcessArguments()
  .action(signIn)
program
  .command('logout')
  .description('forget the developer’s sign-in and revoke it')
  .allowUnknownOption()
  .allowExcessArguments()
  .action(signIn)

program
  .command('config')
  .description('the configuration')
  .command('check')
  .description('read and check it; print what is in force')
  .option('--json', 'JSON')
  .action(async () => {
    const current = config()
    await checkNamedFiles(current)
    screen.write(`${JSON.stringify(current, null, 2)}\n`)
  })

try {
  await program.parseAsync()
} catch (cause) {
  if (cause instanceof CommanderError) exitCode = cause.exitCode === 0 ? 0 : 2
  else if (cause instanceof ChildFailed) {
    process.stderr.write(cause.text)
    exitCode = cause.exit
  } else {
    const { code, text } = toExit(cause)
    process.stderr.write(text)
    exitCode = code
  }
}
process.exitCode = exitCode
