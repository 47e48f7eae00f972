import { type ChildProcess, fork, spawn } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { trailArn } from '../../simulator/src/account/cloudtrail-service.ts'
import { accessKeys } from '../../simulator/src/account/estate.ts'
import { bucket, hourMs } from '../fakes/digest-tree.ts'
import { temporaryDir } from '../fakes/stand.ts'
import { benchShape } from './digest-tree-of.ts'
import { percentile, residentMiB } from './machine.ts'

// The same tree of logs and digests, from S3 on loopback, through ours and through AWS's own validator, in turn and in one run.

const { region, logsPerHour: perHour } = benchShape
const root = join(import.meta.dirname, '../..')
const credentials = {
  AWS_ACCESS_KEY_ID: accessKeys.operator.accessKeyId,
  AWS_SECRET_ACCESS_KEY: accessKeys.operator.secretAccessKey,
}

/** `BENCH_AWSCLI` names the program `aws` of a virtual environment; without it ours is measured alone. */
export async function benchDigests(files = 10_000, rounds = 3): Promise<Record<string, number | string>> {
  const dir = temporaryDir('bench-digests')
  const hours = Math.ceil(files / perHour)
  const from = Math.floor(Date.now() / hourMs) * hourMs - hours * hourMs
  const until = new Date(from + hours * hourMs + 600_000).toISOString()
  const { child, url } = await startDouble(hours, from)
  try {
    const config = join(dir, 'triptych.yaml')
    writeFileSync(config, `aws:\n  region: ${region}\n  endpoints:\n    s3: ${url}\n    cloudTrail: ${url}\n`)
    const triptych = join(root, 'bin', 'triptych.js')
    const ours = [
      process.execPath,
      triptych,
      '--config',
      config,
      'verify',
      'cloudtrail',
      `s3://${bucket}`,
      '--until',
      until,
    ]
    const aws = process.env['BENCH_AWSCLI'] ?? ''
    const theirs = [aws, 'cloudtrail', 'validate-logs', '--trail-arn', trailArn(region), '--region', region]
    theirs.push('--start-time', new Date(from).toISOString(), '--end-time', until)
    const runs = { ours: [] as Run[], theirs: [] as Run[] }
    for (let i = 0; i < rounds; i++) {
      runs.ours.push(await run(ours, {}, `${hours * perHour}/${hours * perHour}`.replace(/\B(?=(\d{3})+(?!\d))/g, ',')))
      if (existsSync(aws))
        runs.theirs.push(
          await run(theirs, { AWS_ENDPOINT_URL: url }, `${hours * perHour}/${hours * perHour} log files valid`),
        )
    }
    const [mine, rival] = [median(runs.ours), median(runs.theirs)]
    return {
      'log files, digests': `${hours * perHour}, ${hours}`,
      'triptych verify cloudtrail: seconds, median': mine.seconds,
      'triptych verify cloudtrail: log files/s': Math.round((hours * perHour) / mine.seconds),
      'triptych verify cloudtrail: MiB at most': Math.max(...runs.ours.map(({ mib }) => mib)),
      ...(runs.theirs.length === 0
        ? { 'aws cloudtrail validate-logs': 'left out: BENCH_AWSCLI names no program' }
        : {
            'aws cloudtrail validate-logs: seconds, median': rival.seconds,
            'aws cloudtrail validate-logs: MiB at most': Math.max(...runs.theirs.map(({ mib }) => mib)),
            'ours is faster, times': Math.round((rival.seconds / mine.seconds) * 10) / 10,
          }),
    }
  } finally {
    child.disconnect()
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Run {
  readonly seconds: number
  readonly mib: number
}

function median(runs: readonly Run[]): Run {
  const seconds =
    Math.round(
      percentile(
        runs.map((one) => one.seconds),
        0.5,
      ) * 100,
    ) / 100
  return { seconds, mib: 0 }
}

/** Runs a program to its end; it must say what a valid tree makes it say. */
async function run(command: readonly string[], env: Readonly<Record<string, string>>, mustSay: string): Promise<Run> {
  const [program = '', ...args] = command
  const started = performance.now()
  const child = spawn(program, args, {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: root, ...credentials, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  let mib = 0
  const look = setInterval(() => {
    try {
      mib = Math.max(mib, residentMiB(child.pid ?? 0))
    } catch {
      // It has just ended.
    }
  }, 100)
  child.stdout.on('data', (chunk) => (text += String(chunk)))
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  const code = await new Promise((resolve) => child.once('close', resolve))
  clearInterval(look)
  if (code !== 0 || !text.includes(mustSay))
    throw new TypeError(`${program} ended with ${String(code)}: ${text.slice(0, 2_000)}`)
  return { seconds: (performance.now() - started) / 1_000, mib }
}

/** S3 and CloudTrail in a process of their own. */
async function startDouble(
  hours: number,
  from: number,
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = fork(join(import.meta.dirname, 's3-double.ts'), [String(hours), String(from)], {
    execArgv: ['--import', 'tsx'],
  })
  const { port } = await new Promise<{ port: number }>((resolve) =>
    child.once('message', (message) => resolve(message as { port: number })),
  )
  return { child, url: `http://127.0.0.1:${port}` }
}
