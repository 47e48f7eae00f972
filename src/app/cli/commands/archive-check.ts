import { archiveCheckSchema } from '../../api/schema/operate.ts'
import type { HubClient } from '../hub-client.ts'
import { columns, number, paint, type Screen } from '../print.ts'

/** `triptych archive check`: exit 1 when a file is not as it was received. */
export async function archiveCheckCommand(client: HubClient, json: boolean, screen: Screen): Promise<number> {
  for await (const answer of client.post('/archive/check', {})) {
    const { files, bytes, faults } = archiveCheckSchema.parse(answer)
    if (json) screen.write(`${JSON.stringify(answer)}\n`)
    else {
      if (faults.length > 0)
        screen.write(
          `${columns(
            ['fault', 'file'],
            faults.map(({ fault, path }) => [fault, path]),
          )}\n\n`,
        )
      const mark = faults.length === 0 ? paint(screen, 'green', '✓') : paint(screen, 'red', '✗')
      screen.write(
        `${mark} ${number(files)} files, ${number(bytes)} bytes hashed again; ${number(faults.length)} faults\n`,
      )
    }
    if (faults.length > 0) return 1
  }
  return 0
}
