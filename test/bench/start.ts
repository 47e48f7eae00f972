import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { startAccount } from '../../simulator/src/account/start-account.ts'
import { eventually, startProgram, writeProgramConfig } from '../fakes/program.ts'
import { rawStandConfig, temporaryDir } from '../fakes/stand.ts'
import { residentMiB } from './machine.ts'

const port = 18_791

/** From nothing to a gateway and a hub that are ready, each started by itself, and what they then weigh. */
export async function benchStart(): Promise<Record<string, number>> {
  const dir = temporaryDir('bench-start')
  const account = await startAccount({ dataDir: join(dir, 'simulator') })
  const file = writeProgramConfig(
    dir,
    rawStandConfig(join(dir, 'data'), account, {
      gateway: { listen: `127.0.0.1:${port}` },
      corroborate: { every: '1s' },
    }),
  )
  try {
    const gatewayAt = performance.now()
    const gateway = startProgram(['--config', file, 'gateway'])
    await eventually(
      () =>
        fetch(`http://127.0.0.1:${port}/readyz`).then(
          (answer) => answer.ok,
          () => false,
        ),
      (ready) => ready,
    )
    const gatewayMs = performance.now() - gatewayAt
    const hubAt = performance.now()
    const hub = startProgram(['--config', file, 'hub'], { UV_THREADPOOL_SIZE: '16' })
    const { answers, socketPathFor } = await import('../../src/platform/unix-socket.ts')
    await eventually(
      () => answers(socketPathFor(join(dir, 'data'), 'hub.sock')),
      (there) => there,
    )
    const hubMs = performance.now() - hubAt
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const figures = {
      'gateway ready (ms)': Math.round(gatewayMs),
      'hub ready, empty store (ms)': Math.round(hubMs),
      'gateway memory idle (MiB)': residentMiB(gateway.process.pid ?? 0),
      'hub memory idle (MiB)': residentMiB(hub.process.pid ?? 0),
    }
    await gateway.interrupt()
    await hub.interrupt()
    return figures
  } finally {
    await account.close()
    rmSync(dir, { recursive: true, force: true })
  }
}
