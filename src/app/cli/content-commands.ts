import type { Command } from 'commander'
import { contentStatusCommand, contentSwitchCommand, type SwitchOptions } from './commands/content.ts'
import type { Screen } from './print.ts'
import type { WithHub } from './read-commands.ts'

/** Bedrock's invocation logging, by decision. */
export function addContentCommands(program: Command, screen: Screen, withHub: WithHub): void {
  const content = program.command('content').description('Bedrock’s invocation logging, by documented decision')
  content
    .command('status')
    .description('what the account does in each region, beside the policy')
    .option('--json', 'JSON')
    .action((options: { json?: boolean }) =>
      withHub((client) => contentStatusCommand(client, options.json === true, screen)),
    )
  decided(content.command('enable').description('switch it on where the policy keeps content'))
    .requiredOption('--bucket <name>', 'where bodies go; CloudWatch alone loses those over 100 KB')
    .option('--prefix <prefix>', 'before AWSLogs/ in the bucket')
    .option('--log-group <name>', 'a CloudWatch log group as well; needs --role')
    .option('--role <arn>', 'the role under which Bedrock writes to CloudWatch')
    .action((options: SwitchOptions) => withHub((client) => contentSwitchCommand(client, 'enable', options, screen)))
  decided(content.command('disable').description('switch it off where the policy keeps none')).action(
    (options: SwitchOptions) => withHub((client) => contentSwitchCommand(client, 'disable', options, screen)),
  )
}

function decided(command: Command): Command {
  return command
    .requiredOption('--region <region>', 'one of estate.regions')
    .requiredOption('--decision <name>', 'the decision, as content.rules names it')
    .requiredOption('--reason <text>', 'why, at least 10 characters; kept sealed')
    .requiredOption('--by <name>', 'who decided; kept sealed')
    .option('--until <day>', 'YYYY-MM-DD, when it ends')
    .option('--json', 'JSON')
}
