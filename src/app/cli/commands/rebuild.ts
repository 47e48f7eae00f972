import { rebuiltSchema } from '../../api/schema/operate.ts'
import type { HubClient } from '../hub-client.ts'
import { number, paint, type Screen } from '../print.ts'

/** `triptych rebuild`: exit 4 when it could not be finished; the next start of a hub does it again. */
export async function rebuildCommand(client: HubClient, json: boolean, screen: Screen): Promise<number> {
  for await (const line of client.post('/rebuild', {})) {
    const step = rebuiltSchema.parse(line)
    if (json) screen.write(`${JSON.stringify(step)}\n`)
    if ('error' in step) {
      if (!json) screen.write(`${paint(screen, 'red', '✗')} ${step.error.message}\n`)
      return 4
    }
    const counts = `${number(step.files)} files, ${number(step.records)} records`
    if (!json) screen.write(step.done ? `${paint(screen, 'green', '✓')} made again: ${counts}\n` : `  ${counts} …\n`)
  }
  return 0
}
