// The compiler copies no SQL: migrations go beside the modules that read them.
import { cpSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const migrations = join('evidence', 'store', 'migrations')
cpSync(join(root, 'src', migrations), join(root, 'dist', migrations), { recursive: true })
