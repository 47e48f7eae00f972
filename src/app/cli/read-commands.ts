import { Argument, type Command, Option } from 'commander'
import { verdicts } from '../../record/verdict.ts'
import { askCommand } from './commands/ask.ts'
import { listCommand, showCommand } from './commands/calls.ts'
import { coverageCommand } from './commands/coverage.ts'
import { sessionsCommand } from './commands/sessions.ts'
import type { HubClient } from './hub-client.ts'
import type { Screen } from './print.ts'

/** Does something with the hub; what it returns is the exit code, 0 when nothing. */
export type WithHub = (use: (client: HubClient) => Promise<number | undefined>) => Promise<void>

/** The commands that read what the hub knows. */
export function addReadCommands(program: Command, screen: Screen, withHub: WithHub): void {
  program
    .command('calls')
    .description('list model calls, newest first')
    .option('--since <when>', '15m, 24h, 2d, a day or an ISO 8601 time (default 2d)')
    .option('--until <when>', 'the same forms (default now)')
    .option('--person <alias>', 'an alias or its beginning, as the list shows it')
    .option('--team <team>', 'as the claim or the service key says')
    .option('--project <project>', 'as the claim or the service key says')
    .option('--model <model>', 'a base model id or a part of it, such as sonnet-4-5')
    .option('--region <region>', 'the AWS region that was called')
    .option('--session <id>', 'a client’s session, as `triptych sessions` lists it')
    .addOption(new Option('--verdict <verdict>').choices(verdicts))
    .option('--limit <n>', '1 to 1000 (default 50)')
    .option('--json', 'JSON')
    .action(({ json, ...options }: Record<string, string> & { json?: boolean }) =>
      withHub(async (client) => void (await listCommand(client, options, json === true, screen))),
    )

  program
    .command('call')
    .description('one call: three panels, findings, verdict')
    .argument('<id>', 'call id or AWS request id')
    .option('--json', 'JSON')
    .action((id: string, options: { json?: boolean }) =>
      withHub(async (client) => void (await showCommand(client, id, options.json === true, screen))),
    )

  program
    .command('sessions')
    .description('list sessions of Claude Code and other clients, the one that spoke last first')
    .option('--since <when>', '15m, 24h, 2d, a day or an ISO 8601 time (default 2d)')
    .option('--until <when>', 'the same forms (default now)')
    .option('--person <alias>', 'an alias or its beginning, as the list shows it')
    .option('--team <team>', 'as the claim or the service key says')
    .option('--limit <n>', '1 to 1000 (default 100)')
    .option('--json', 'JSON')
    .action(({ json, ...options }: Record<string, string> & { json?: boolean }) =>
      withHub(async (client) => void (await sessionsCommand(client, options, json === true, screen))),
    )

  program
    .command('coverage')
    .description('per layer: complete or blind, and why; how many calls have each verdict')
    .option('--since <when>', '15m, 24h, 2d, a day or an ISO 8601 time (default 2d)')
    .option('--until <when>', 'the same forms (default now)')
    .option('--json', 'JSON')
    .action(({ json, ...options }: Record<string, string> & { json?: boolean }) =>
      withHub(async (client) => void (await coverageCommand(client, options, json === true, screen))),
    )

  program
    .command('ask')
    .description('an auditor’s question, answered with numbers and their limits')
    .addArgument(new Argument('<question>', 'what is asked').choices(['who', 'model', 'consumption']))
    .option('--since <when>', '15m, 24h, 2d, a day or an ISO 8601 time (default 2d)')
    .option('--until <when>', 'the same forms (default now)')
    .option('--json', 'JSON')
    .action((question: string, { json, ...options }: Record<string, string> & { json?: boolean }) =>
      withHub(async (client) => void (await askCommand(client, question, options, json === true, screen))),
    )
}
