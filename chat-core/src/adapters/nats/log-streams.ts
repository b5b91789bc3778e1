import { NatsError, type JetStreamManager } from 'nats'

/** The stream of one partition of the command log. */
export function logStreamOf(deployment: string, partition: number): string {
  return `${deployment}_log_${partition}`
}

/** Where records of the partition are published. */
export function logSubjectOf(deployment: string, partition: number): string {
  return `${deployment}.log.${partition}`
}

/** What a partition's stream says of itself. */
export interface LogStreamState {
  readonly generation: number
  /** When the stream was made, as the server writes it: another one is another stream. */
  readonly created: string
  readonly firstRecord: number
  readonly lastRecord: number
  /** When the first record was taken; infinite when there is none. */
  readonly firstTimeMs: number
  readonly bytes: number
  readonly maxBytes: number
}

export const GENERATION_KEY = 'satchel_generation'

const STREAM_NOT_FOUND = 10_059

/** `undefined` when there is no such stream; rejects with the driver's error when that cannot be learned. */
export async function readLogStream(
  manager: Pick<JetStreamManager, 'streams'>,
  stream: string,
): Promise<LogStreamState | undefined> {
  try {
    const { config, created, state } = await manager.streams.info(stream)
    const isEmpty = state.messages === 0
    return {
      generation: Number(config.metadata?.[GENERATION_KEY] ?? 0),
      created,
      firstRecord: isEmpty ? state.last_seq + 1 : state.first_seq,
      lastRecord: state.last_seq,
      firstTimeMs: isEmpty ? Number.POSITIVE_INFINITY : Date.parse(state.first_ts),
      bytes: state.bytes,
      maxBytes: config.max_bytes,
    }
  } catch (error) {
    if (error instanceof NatsError && error.api_error?.err_code === STREAM_NOT_FOUND)
      return undefined
    throw error
  }
}
