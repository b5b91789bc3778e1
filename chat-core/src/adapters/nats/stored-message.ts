import { NatsError, type JetStreamManager, type StoredMsg } from 'nats'

export type StoredMessageQuery =
  | { readonly last_by_subj: string }
  /** The first message at or behind `seq`. */
  | { readonly seq: number; readonly next_by_subj: string }

const NOT_FOUND = 404

/** `undefined` when the stream has none like that; rejects with the driver's error. */
export async function readStoredMessage(
  manager: JetStreamManager,
  stream: string,
  query: StoredMessageQuery,
): Promise<StoredMsg | undefined> {
  try {
    return await manager.streams.getMessage(stream, query)
  } catch (error) {
    if (error instanceof NatsError && error.api_error?.code === NOT_FOUND) return undefined
    throw error
  }
}
