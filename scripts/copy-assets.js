// The compiler copies no data files: they go beside the modules that read them.
import { cpSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const assets = [join('evidence', 'store', 'migrations'), join('capture', 'gateway', 'limits', 'bedrock-prices.yaml')]
for (const asset of assets) cpSync(join(root, 'src', asset), join(root, 'dist', asset), { recursive: true })
