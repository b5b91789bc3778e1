import type { ConversationId, UserId } from '@satchel/protocol'

/** That a user is to be erased, and how far that has come. */
export interface Erasure {
  readonly userId: UserId
  readonly askedMs: number
  /** The server key, by its fingerprint. */
  readonly askedBy: string
  /** Of the conversations noted so far. */
  readonly conversations: { readonly total: number; readonly done: number }
  /** When the last of it was done; absent until every conversation is noted, and done. */
  readonly finishedMs?: number | undefined
}

export type ErasureKey = Pick<Erasure, 'userId' | 'askedMs'>

/**
 * The records of erased users, kept for good. Every write may be repeated, and any may run at once in several
 * processes; each settles when durable. Reads see every write that settled before they were called.
 *
 * - `begin` notes an erasure; one with a later `askedMs` takes the place of those before.
 * - `expect` notes conversations that are to be done: before anybody is asked to do them. Done ones stay so.
 * - `expectNoMore` says that all are noted.
 * - `finish` notes that a conversation is done, in the latest erasure; one that was not expected is none of its.
 *   The first time stays.
 */
export interface Erasures {
  /** The latest of this user. */
  read(userId: UserId): Promise<Erasure | undefined>
  begin(erasure: Pick<Erasure, 'userId' | 'askedMs' | 'askedBy'>): Promise<void>
  expect(erasure: ErasureKey, conversationIds: readonly ConversationId[]): Promise<void>
  expectNoMore(erasure: ErasureKey, nowMs: number): Promise<void>
  finish(userId: UserId, conversationId: ConversationId, nowMs: number): Promise<void>
}
