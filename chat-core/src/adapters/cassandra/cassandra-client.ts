import { Client, policies, types, type QueryOptions } from 'cassandra-driver'
import { createMonotonicClock } from '../../runtime/monotonic-clock.ts'
import { ServerPolicy } from '../server-policy.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import { cassandraErrorCode, isTransientCassandraError } from './cassandra-error.ts'
import { DriverHosts } from './driver-hosts.ts'

export interface CassandraClientOptions {
  /** Nodes to begin with, `host:port`; the others are found through them. */
  readonly contactPoints: readonly string[]
  /** Whose nodes are used, and whose quorum counts. */
  readonly dataCenter: string
  /** Need not exist yet: statements name it. */
  readonly keyspace: string
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly telemetry: ServerTelemetry
}

/** What can be bound to a statement: a column of type bigint takes bigints. Absent is `undefined`; there are no nulls. */
export type CassandraValue =
  | string
  | number
  | bigint
  | boolean
  | Buffer
  | readonly string[]
  | readonly bigint[]
  | readonly Buffer[]
  | undefined

/** A row as it came, to be parsed by who knows the statement. */
export type CassandraRow = Readonly<Record<string, unknown>>

export interface CassandraWrite {
  readonly statement: string
  readonly values: readonly CassandraValue[]
}

/**
 * Of several writes of a cell Cassandra keeps the one with the greatest, and of those that are equal the one
 * with the greater bytes. Ours are mostly positions and versions, not times.
 */
export type WriteTimestamp = bigint

/** The outcome of a conditional write; `current` are the columns that Cassandra gives when it refuses. */
export type ConditionalWrite<Row> =
  { readonly applied: true } | { readonly applied: false; readonly current: Row | undefined }

const CONNECT_TIMEOUT_MS = 5_000
/** Above what a node gives itself to write (2 s): its own answer says more than our giving up. */
const REQUEST_TIMEOUT_MS = 4_000
const DEFINE_TIMEOUT_MS = 30_000
const HEARTBEAT_MS = 5_000
/** Requests in a row without an answer, until a connection is given up as dead. */
const DEFUNCT_AFTER_TIMEOUTS = 16
const RECONNECT_DELAY_MS = { least: 100, most: 5_000 } as const
/** The driver takes 2,048 per connection. */
const AT_ONCE = 1_024
const WAITING = 8_192

const READ: QueryOptions = { prepare: true, isIdempotent: true }
const WRITE: QueryOptions = { prepare: true, isIdempotent: true, logged: false }
const CONDITIONAL: QueryOptions = {
  prepare: true,
  isIdempotent: false,
  serialConsistency: types.consistencies.localSerial,
}
const SETTLED: QueryOptions = { ...READ, consistency: types.consistencies.localSerial }
const UNPREPARED: QueryOptions = { prepare: false, isIdempotent: true }

/**
 * One Cassandra cluster, as the adapters of a process use it.
 *
 * - Reads and writes are of `LOCAL_QUORUM`, prepared, and with a deadline; reads are not paged, so a
 *   statement carries a limit unless its partition has one.
 * - `read`, `readSettled`, `write`, `writeTogether` and `writeEach` are repeated after a transient failure: only what may
 *   be done twice.
 * - Without a timestamp a write takes the process's clock, which grows from write to write.
 * - Rejects with a `ChatError`: `unavailable` when Cassandra is out of reach, overloaded, or has not
 *   answered (a write may have happened), `internal` when it refuses the statement.
 * - Nodes may come and go, all of them too: it reconnects for ever.
 */
export class CassandraClient {
  readonly keyspace: string
  readonly dataCenter: string
  readonly #driver: Client
  readonly #hosts: DriverHosts
  readonly #policy: ServerPolicy

  constructor(driver: Client, options: CassandraClientOptions) {
    const { contactPoints, keyspace, dataCenter, telemetry } = options
    this.keyspace = keyspace
    this.dataCenter = dataCenter
    this.#driver = driver
    this.#hosts = new DriverHosts(driver)
    this.#policy = new ServerPolicy({
      server: 'cassandra',
      address: contactPoints.join(', '),
      telemetry,
      clock: createMonotonicClock(),
      atOnce: AT_ONCE,
      waiting: WAITING,
      isTransient: isTransientCassandraError,
      codeOf: cassandraErrorCode,
    })
  }

  async read<Row>(
    statement: string,
    values: readonly CassandraValue[],
    parse: (row: CassandraRow) => Row,
  ): Promise<readonly Row[]> {
    const { rows } = await this.#policy.callRepeatable(() =>
      this.#driver.execute(statement, [...values], READ),
    )
    return rows.map((row) => parse(row))
  }

  /**
   * Sees what `writeIf` has written last, also where nobody heard the outcome: what was under way is finished
   * first, or will never be. Takes several times as long as `read`.
   */
  async readSettled<Row>(
    statement: string,
    values: readonly CassandraValue[],
    parse: (row: CassandraRow) => Row,
  ): Promise<readonly Row[]> {
    const { rows } = await this.#policy.callRepeatable(() =>
      this.#driver.execute(statement, [...values], SETTLED),
    )
    return rows.map((row) => parse(row))
  }

  async write(
    statement: string,
    values: readonly CassandraValue[],
    timestamp?: WriteTimestamp,
  ): Promise<void> {
    const options = withTimestamp(WRITE, timestamp)
    await this.#policy.callRepeatable(() => this.#driver.execute(statement, [...values], options))
  }

  /** All or nothing: an unlogged batch, whose writes must be of one partition key. */
  async writeTogether(
    writes: readonly CassandraWrite[],
    timestamp?: WriteTimestamp,
  ): Promise<void> {
    const [only, ...others] = writes
    if (only !== undefined && others.length === 0)
      return this.write(only.statement, only.values, timestamp)
    await this.#batch(writes, withTimestamp(WRITE, timestamp))
  }

  /**
   * A few writes of any partitions in one request, each on its own: when it fails, some may have been done. One
   * with a timestamp of its own says so in its statement.
   */
  async writeEach(writes: readonly CassandraWrite[]): Promise<void> {
    const [only, ...others] = writes
    if (only === undefined) return
    if (others.length === 0) await this.write(only.statement, only.values)
    else await this.#batch(writes, WRITE)
  }

  /**
   * A lightweight transaction: a statement with `IF`. Never repeated: after `unavailable` it is not known
   * whether it was applied; `readSettled` tells. Its cells must not be written in any other way.
   */
  async writeIf<Row>(
    statement: string,
    values: readonly CassandraValue[],
    parse: (row: CassandraRow) => Row,
  ): Promise<ConditionalWrite<Row>> {
    const result = await this.#policy.callOnce(() =>
      this.#driver.execute(statement, [...values], CONDITIONAL),
    )
    if (result.wasApplied()) return { applied: true }
    // Without a row there is only the column that says so.
    const row = result.columns.length > 1 ? result.rows[0] : undefined
    return { applied: false, current: row === undefined ? undefined : parse(row) }
  }

  /** Creates or alters; settles when the nodes agree on it. */
  async define(statement: string): Promise<void> {
    const options = { ...UNPREPARED, readTimeout: DEFINE_TIMEOUT_MS }
    await this.#policy.callOnce(() => this.#driver.execute(statement, [], options))
  }

  /** Asks each node of the data center that is up, for what is a node's own. */
  async readFromEachNode<Row>(
    statement: string,
    parse: (row: CassandraRow) => Row,
  ): Promise<readonly { readonly node: string; readonly rows: readonly Row[] }[]> {
    const hosts = this.#driver.hosts
      .values()
      .filter((host) => host.isUp() && host.datacenter === this.dataCenter)
    return Promise.all(
      hosts.map(async (host) => {
        const options = { ...UNPREPARED, host, consistency: types.consistencies.one }
        const { rows } = await this.#policy.callRepeatable(() =>
          this.#driver.execute(statement, [], options),
        )
        return { node: host.address, rows: rows.map((row) => parse(row)) }
      }),
    )
  }

  /** Lets go of the connections; calls under way may fail. */
  async close(): Promise<void> {
    await this.#hosts.close()
  }

  /** Connects; rejects with `unavailable` when no node of the data center answers. */
  async connect(): Promise<void> {
    try {
      await this.#policy.callOnce(() => this.#driver.connect())
    } catch (error) {
      await this.#hosts.close()
      throw error
    }
  }

  async #batch(writes: readonly CassandraWrite[], options: QueryOptions): Promise<void> {
    const queries = writes.map(({ statement, values }) => ({
      query: statement,
      params: [...values],
    }))
    await this.#policy.callRepeatable(() => this.#driver.batch(queries, options))
  }
}

/** Connects to a cluster whose nodes must be there now; later they may be away for a while. */
export async function openCassandraClient(
  options: CassandraClientOptions,
): Promise<CassandraClient> {
  const client = new CassandraClient(createDriver(options), options)
  await client.connect()
  return client
}

function createDriver(options: CassandraClientOptions): Client {
  const { contactPoints, dataCenter, user, password } = options
  const { least, most } = RECONNECT_DELAY_MS
  return new Client({
    contactPoints: [...contactPoints],
    localDataCenter: dataCenter,
    ...(user !== undefined && { credentials: { username: user, password: password ?? '' } }),
    policies: {
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(least, most, false),
      // Retries are the policy's business: it has a budget.
      retry: new policies.retry.FallthroughRetryPolicy(),
    },
    queryOptions: { consistency: types.consistencies.localQuorum, fetchSize: 0 },
    socketOptions: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      readTimeout: REQUEST_TIMEOUT_MS,
      defunctReadTimeoutThreshold: DEFUNCT_AFTER_TIMEOUTS,
    },
    pooling: { heartBeatInterval: HEARTBEAT_MS },
    protocolOptions: { port: portOf(contactPoints[0]) },
    encoding: { map: Map, set: Set, useBigIntAsLong: true, useUndefinedAsUnset: true },
    // It reports to a product of its maker.
    monitorReporting: { enabled: false },
  })
}

const DEFAULT_PORT = 9_042

/** Nodes that are found through others listen on the same port. */
function portOf(contactPoint: string | undefined): number {
  const port = Number(contactPoint?.split(':').at(-1))
  return Number.isInteger(port) ? port : DEFAULT_PORT
}

function withTimestamp(options: QueryOptions, timestamp: WriteTimestamp | undefined): QueryOptions {
  if (timestamp === undefined) return options
  const [low, high] = [BigInt.asIntN(32, timestamp), timestamp >> 32n]
  return { ...options, timestamp: new types.Long(Number(low), Number(high)) }
}
