import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { DataType, load, open } from 'ffi-rs'

// A process of its own: `clickhouse local`, which stands in the engine's library, with its HTTP listener. Ends when its stdin does.

const [directory = '', port = '', library = ''] = process.argv.slice(2)
const require = createRequire(import.meta.url)
const path =
  library === '' ? join(dirname(require.resolve(`@chdb/lib-linux-${process.arch}-gnu`)), 'libchdb.so') : library
const args = [
  'clickhouse',
  `--path=${directory}`,
  `--query=SYSTEM START LISTEN HTTP; SELECT count() FROM file('-', 'LineAsString')`,
  '--',
  `--http_port=${port}`,
  '--listen_host=127.0.0.1',
]
open({ library: 'chdb', path })
load({
  library: 'chdb',
  funcName: 'chdb_query_cmdline',
  retType: DataType.U64,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [args.length, args],
})
