import type { ErrorRow } from './error-row.ts'
import { gatewayErrors } from './gateway-errors.ts'

/**
 * The only list of errors. Codes are for ever: a retired one stays in `retiredCodes` and is never used again.
 * Every code has a heading in docs/errors.md; a test checks both directions.
 */
export const errorTable = {
  ...gatewayErrors,
  ARCHIVE_CONFLICT: {
    http: 409,
    exit: 4,
    says: 'the archive already holds other bytes under this name',
    fix: 'keep both files and run `triptych archive check`',
  },
  ARCHIVE_UNREADABLE: {
    http: 500,
    exit: 4,
    says: 'an archived file could not be read back',
    fix: 'check the disk below `archive/` and its permissions',
  },
  CONFIG_INVALID: {
    http: 500,
    exit: 2,
    says: 'the configuration has a value that cannot be used',
    fix: 'correct the named key; `also` names the others that are wrong',
  },
  CONFIG_UNKNOWN_KEY: {
    http: 500,
    exit: 2,
    says: 'the configuration names a key that does not exist',
    fix: 'use the nearest known name, or remove the key',
  },
  CONFIG_UNREADABLE: {
    http: 500,
    exit: 2,
    says: 'the configuration file could not be read as YAML',
    fix: 'check the path and the named line',
  },
  CONTENT_LOGGING_FAILED: {
    http: 502,
    exit: 4,
    says: 'Bedrock did not take the change of its invocation logging',
    fix: 'check credentials, the bucket policy and the named reason; `triptych content status` says what is in force',
  },
  CONTENT_POLICY_CONFLICT: {
    http: 409,
    exit: 4,
    says: 'the configured content policy says otherwise for this account and region',
    fix: 'change `content.rules` first, with its decision, and name that decision',
  },
  DATA_DIR_LOCKED: {
    http: 503,
    exit: 5,
    says: 'another process owns this data directory',
    fix: 'stop it first, or talk to it: commands use its socket by themselves',
  },
  DATA_DIR_MISSING: {
    http: 404,
    exit: 3,
    says: 'there is no data directory here',
    fix: 'check `dataDir` or TRIPTYCH_DATADIR; `triptych up` and `triptych ingest` make one',
  },
  DATA_DIR_UNWRITABLE: {
    http: 500,
    exit: 3,
    says: 'the data directory cannot be written',
    fix: 'check its owner and permissions, or choose another with TRIPTYCH_DATADIR',
  },
  DIGEST_KEYS_INVALID: {
    http: 400,
    exit: 2,
    says: 'a file of public keys has not the form of ListPublicKeys',
    fix: 'write it with `aws cloudtrail list-public-keys --region REGION … > REGION.json`',
  },
  DIGEST_KEYS_UNAVAILABLE: {
    http: 502,
    exit: 3,
    says: 'the public keys could not be had from CloudTrail',
    fix: 'allow cloudtrail:ListPublicKeys, or give archived keys with `--keys FILE`',
  },
  DIGEST_TREE_EMPTY: {
    http: 404,
    exit: 3,
    says: 'neither log files nor digests of CloudTrail lie there',
    fix: 'name the directory or prefix that holds `AWSLogs/`, or a part below it',
  },
  HUB_UNREACHABLE: {
    http: 503,
    exit: 3,
    says: 'the hub answered nothing on its socket',
    fix: 'start it with `triptych up` or `triptych hub`',
  },
  FILE_UNREADABLE: {
    http: 400,
    exit: 3,
    says: 'a file that was named could not be read',
    fix: 'check the path and its permissions',
  },
  FILE_UNWRITABLE: {
    http: 400,
    exit: 3,
    says: 'a file that was named could not be written',
    fix: 'check the path and its permissions',
  },
  FILE_EXISTS: {
    http: 409,
    exit: 2,
    says: 'a file of this name is there already, and receipts are not written over',
    fix: 'give another name with `-o`, or move the file away',
  },
  INGEST_FILE_UNREADABLE: {
    http: 400,
    exit: 3,
    says: 'a file could not be read',
    fix: 'check the path, its permissions and whether the gz is whole',
  },
  INGEST_FORMAT_MISSING: {
    http: 400,
    exit: 2,
    says: 'it is not said which product wrote the gateway log',
    fix: 'name it: `triptych ingest gateway-log --format litellm <path>` (or another of the formats in docs/operate/gateway-logs.md)',
  },
  INGEST_NOTHING_FOUND: {
    http: 404,
    exit: 1,
    says: 'nothing to take in was found there',
    fix: 'check the path; log files end in .json, .jsonl, .ndjson or .log, also with .gz or a number of rotation',
  },
  INTERNAL: {
    http: 500,
    exit: 70,
    says: 'something failed that should not',
    fix: 'report it with the code and the time',
  },
  JOURNAL_BROKEN: {
    http: 500,
    exit: 4,
    says: 'a journal record does not follow from the one before it',
    fix: 'keep the segment; it was altered or the disk failed',
  },
  JOURNAL_FORKED: {
    http: 409,
    exit: 4,
    says: 'the second place holds another continuation of this journal',
    fix: 'another gateway of this `gateway.id` has written there, or the data directory was set back: stop one of them, give one another `gateway.id`, and keep both',
  },
  JOURNAL_PIECE_REFUSED: {
    http: 409,
    exit: 4,
    says: 'a shipped piece of a journal does not continue what is there, or was altered',
    fix: 'keep the piece; check that gateway and hub have the same `config/root.key`, and who else can write to the place',
  },
  JOURNAL_RECORD_REFUSED: {
    http: 500,
    exit: 4,
    says: 'a record holds a field its journal may not keep',
    fix: 'this is a defect: report the code and the field',
  },
  JOURNAL_UNSHIPPED: {
    http: 503,
    exit: 3,
    says: 'the second place of the journal could not be read or written',
    fix: 'check the address below `gateway.ship`, its credentials and permissions; it is tried again',
  },
  JOURNAL_UNWRITABLE: {
    http: 503,
    exit: 4,
    says: 'the journal cannot be written, so no call may go out',
    fix: 'reason `reserve` or ENOSPC: free disk space below `journal/`; `replica`: restore the place that `gateway.ship` names; else restore permissions',
  },
  LEDGER_BACKLOG: {
    http: 409,
    exit: 1,
    says: 'the record is kept but is not an entry of the ledger yet',
    fix: 'try again in a few seconds; `triptych verify` says how much waits',
  },
  LEDGER_BROKEN: {
    http: 500,
    exit: 4,
    says: 'the files of the ledger do not lead to its checkpoint',
    fix: 'keep `ledger/` as it is and run `triptych verify`, which names the first fault',
  },
  LEDGER_CONFLICT: {
    http: 409,
    exit: 4,
    says: 'a record contradicts its entry in the ledger, or is gone',
    fix: 'the record was rewritten or removed after it was committed to: keep everything and run `triptych verify`',
  },
  LEDGER_ENTRY_INVALID: {
    http: 500,
    exit: 4,
    says: 'a record has a name or number that no entry can hold',
    fix: 'this is a defect: report the code and the number',
  },
  LEDGER_FORKED: {
    http: 409,
    exit: 4,
    says: 'a checkpoint kept outside contradicts this ledger',
    fix: 'the directory was rolled back or rewritten: keep both and run `triptych verify --checkpoint FILE`',
  },
  LEDGER_NOTE_INVALID: {
    http: 400,
    exit: 2,
    says: 'this is not a verifier key, or not a checkpoint that the key has signed',
    fix: 'check the file and the key; `ledger/log.vkey` is the public key of a log',
  },
  LEDGER_PROOF_INVALID: {
    http: 400,
    exit: 2,
    says: 'this is not a receipt',
    fix: 'give a `.tlog-proof` file that `triptych prove` wrote',
  },
  LEDGER_UNPUBLISHED: {
    http: 502,
    exit: 3,
    says: 'a checkpoint could not be put where it is to be kept outside',
    fix: 'check the address below `ledger.publish` and its permissions; it is tried again',
  },
  LISTEN_FAILED: {
    http: 500,
    exit: 3,
    says: 'the address could not be listened on',
    fix: 'another program may hold the port: choose one with the setting named here, or its variable (TRIPTYCH_GATEWAY__LISTEN, TRIPTYCH_HUB__LISTEN)',
  },
  QUERY_INVALID: {
    http: 400,
    exit: 2,
    says: 'a filter or parameter cannot be understood',
    fix: 'see the named field and `--help`',
  },
  RECORD_INVALID: {
    http: 400,
    exit: 3,
    says: 'a record is not of the form its source promises',
    fix: 'see the named file and position; the others were taken in',
  },
  RESOURCE_NOT_FOUND: {
    http: 404,
    exit: 1,
    says: 'nothing is known under this name',
    fix: 'check the id; `triptych calls` and `triptych keys list` say what there is',
  },
  ROLE_REQUIRED: {
    http: 403,
    exit: 1,
    says: 'this session may not do that',
    fix: 'the named role is needed; whoever runs the hub gives it with `triptych console --roles`',
  },
  SESSION_REQUIRED: {
    http: 401,
    exit: 1,
    says: 'nobody is signed in',
    fix: 'open the link that `triptych up` or `triptych console` prints; it opens one session, once',
  },
  REQUEST_TOO_LARGE: {
    http: 413,
    exit: 2,
    says: 'the request body is larger than anything this API takes',
    fix: 'send less; files are named by their path, not sent',
  },
  REQUEST_REFUSED: {
    http: 403,
    exit: 1,
    says: 'the request did not come from the console itself',
    fix: 'open the console under the address it is configured for; scripts send `x-triptych-csrf: 1`',
  },
  SOURCE_FAILED: {
    http: 502,
    exit: 3,
    says: 'a source could not be listed or read',
    fix: 'check its address, credentials and permissions',
  },
  STORE_ENGINE_MISSING: {
    http: 503,
    exit: 3,
    says: 'the embedded engine is not installed on this machine',
    fix: 'run `npm install` with optional packages (Linux with glibc, or macOS), or set `store.url` to a ClickHouse server',
  },
  STORE_FAILED: {
    http: 500,
    exit: 4,
    says: 'the store refused a statement',
    fix: 'report the code and the surface; `triptych rebuild` makes the store again',
  },
  STORE_LIMIT: {
    http: 503,
    exit: 1,
    says: 'the query needed more time or memory than allowed',
    fix: 'narrow the time window or the filter',
  },
  STORE_UNAVAILABLE: {
    http: 503,
    exit: 3,
    says: 'the store could not be opened',
    fix: 'see the cause; a ClickHouse server can stand in for the embedded engine (`store.url`)',
  },
  VAULT_KEY_MISSING: {
    http: 410,
    exit: 1,
    says: 'the key for this person no longer exists',
    fix: 'the data was erased; nothing can bring it back',
  },
  VAULT_UNREADABLE: {
    http: 500,
    exit: 4,
    says: 'a vault entry does not open with its key',
    fix: 'it was altered or belongs to another vault; keep it',
  },
} as const satisfies Record<string, ErrorRow>

/** A stable code callers match on; texts may change, codes may not. */
export type ErrorCode = keyof typeof errorTable

/** Codes that were used once and must never be given another meaning. */
export const retiredCodes: readonly string[] = []
