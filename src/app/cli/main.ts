// The way into the program. Signing in is asked for at every start of a developer's client and loads nothing else.

const signIn: ReadonlySet<string | undefined> = new Set(['login', 'token', 'logout'])
const args = process.argv.slice(2)

if (signIn.has(args[0])) {
  const { runHere } = await import('triptych-signin')
  process.exitCode = await runHere(args, 'triptych')
} else await import('./program.ts')
