import type { UserId } from '@satchel/protocol'
import { packPosition } from '../../domain/log-position.ts'
import type { ConversationCommit } from '../../ports/conversation-store.ts'
import { formatCell, parseStoredUserId } from '../cell-value.ts'
import type { CassandraClient, CassandraRow, CassandraWrite } from './cassandra-client.ts'
import { bucketOf, conversationKey } from './conversation-key.ts'
import type { PartitionWrites } from './partition-writes.ts'
import {
  countChange,
  kindOf,
  lacksNames,
  parseReactionKind,
  type CountedChange,
  type ReactionKind,
  type Reactor,
} from './reaction-kind.ts'
import { timelinePartition } from './timeline-writes.ts'

type Place = readonly [conversation: Buffer, bucket: number, seq: bigint]

/** One person's reaction as it is stored. */
interface StoredReaction {
  readonly userId: UserId
  /** When they reacted; absent when they took it back. */
  readonly position: bigint | undefined
  /** When either was. */
  readonly changed: bigint
}

/** What a kind becomes, and which people's rows say so. */
interface KindOutcome {
  readonly kind: ReactionKind | undefined
  readonly rows: readonly CountedChange[]
}

const NOTHING = Buffer.alloc(0)
const POSITION_BYTES = 8
const PAGE = 2_000
/** Of one message, used at some time: whoever goes on inventing kinds is not counted any more. */
const MAX_KINDS_EVER = 100

/**
 * Writes of reactions: a row for each person, and beside the message, per emoji, how many they are and who, so
 * that a page is read without their rows. Both are read before they are written. Who repeats an owner's commit
 * finds its changes counted (`upTo`), and writes the same again; rows that are newer than what is counted were
 * left by a commit that did not come to its end, and are counted anew.
 */
export class ReactionWrites {
  readonly #client: Pick<CassandraClient, 'read'>
  readonly #setKind: string
  readonly #insertRow: string
  readonly #selectKinds: string
  readonly #selectRows: string
  readonly #selectAllRows: string

  constructor(client: Pick<CassandraClient, 'keyspace' | 'read'>) {
    const [timeline, reactions] = [`${client.keyspace}.timeline`, `${client.keyspace}.reactions`]
    const at = 'WHERE conversation = ? AND bucket = ? AND seq = ?'
    const columns = 'user, value, WRITETIME(value) AS changed'
    this.#client = client
    this.#setKind = `UPDATE ${timeline} USING TIMESTAMP ? SET reactions[?] = ? ${at}`
    this.#insertRow = `INSERT INTO ${reactions} (conversation, bucket, seq, emoji, user, value) VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`
    this.#selectKinds = `SELECT reactions FROM ${timeline} ${at}`
    this.#selectRows = `SELECT ${columns} FROM ${reactions} ${at} AND emoji = ? AND user IN ?`
    this.#selectAllRows = `SELECT ${columns} FROM ${reactions} ${at} AND emoji = ? AND user > ? LIMIT ${PAGE}`
  }

  async add(
    writes: PartitionWrites,
    { conversationId, reactions }: Pick<ConversationCommit, 'conversationId' | 'reactions'>,
  ): Promise<void> {
    const conversation = conversationKey(conversationId)
    for (const [target, changed] of Map.groupBy(reactions, ({ target }) => target)) {
      const place: Place = [conversation, bucketOf(target), BigInt(target)]
      const [kinds = new Map<string, Buffer>()] = await this.#client.read(
        this.#selectKinds,
        place,
        parseKinds,
      )
      for (const [emoji, ofEmoji] of Map.groupBy(changed, (change) => change.emoji)) {
        const bytes = kinds.get(emoji)
        if (bytes === undefined && kinds.size >= MAX_KINDS_EVER) continue
        const kind = bytes === undefined ? undefined : parseReactionKind(bytes)
        const changes = ofEmoji.map(countedChange)
        const outcome = await this.#outcome(place, emoji, kind, changes)
        writes.add(
          timelinePartition(conversationId, target),
          ...this.#writesOf(place, emoji, outcome),
        )
      }
    }
  }

  async #outcome(
    place: Place,
    emoji: string,
    kind: ReactionKind | undefined,
    changes: readonly CountedChange[],
  ): Promise<KindOutcome> {
    if (kind === undefined || kind.reactors !== undefined)
      return applyChanges(kind, changes, new Map(kind?.reactors))
    const userIds = [...new Set(changes.map(({ userId }) => userId))]
    const rows = await this.#client.read(
      this.#selectRows,
      [...place, emoji, userIds],
      parseReaction,
    )
    if (rows.some(({ changed }) => changed > kind.upTo))
      return this.#recounted(place, emoji, kind, changes)
    const outcome = applyChanges(kind, changes, new Map(rows.flatMap(reactorOf)))
    if (outcome.kind === undefined || !lacksNames(outcome.kind)) return outcome
    return this.#recounted(place, emoji, kind, changes)
  }

  /** From the rows of everybody, with the changes on top. */
  async #recounted(
    place: Place,
    emoji: string,
    kind: ReactionKind,
    changes: readonly CountedChange[],
  ): Promise<KindOutcome> {
    const reacted = new Map<UserId, bigint>()
    for (let after = ''; ;) {
      const page = await this.#client.read(
        this.#selectAllRows,
        [...place, emoji, after],
        parseReaction,
      )
      for (const [userId, position] of page.flatMap(reactorOf)) reacted.set(userId, position)
      if (page.length < PAGE) break
      after = page.at(-1)?.userId ?? after
    }
    const { rows } = applyChanges(undefined, changes, reacted)
    const upTo = changes.at(-1)?.position ?? kind.upTo
    return { kind: kindOf([...reacted], { upTo, first: kind.first }), rows }
  }

  #writesOf(place: Place, emoji: string, { kind, rows }: KindOutcome): readonly CassandraWrite[] {
    const written = rows.map(({ userId, removed, position }) => ({
      statement: this.#insertRow,
      values: [...place, emoji, userId, removed ? NOTHING : formatPosition(position), position],
    }))
    if (kind === undefined) return written
    const values = [kind.upTo, emoji, formatCell(kind), ...place]
    return [...written, { statement: this.#setKind, values }]
  }
}

/**
 * Takes the changes in their order; `reacted` says who is there, and follows. What is counted already is
 * written again as it is.
 */
function applyChanges(
  before: ReactionKind | undefined,
  changes: readonly CountedChange[],
  reacted: Map<UserId, bigint>,
): KindOutcome {
  const rows: CountedChange[] = []
  let kind = before
  for (const change of changes) {
    const { userId, removed, position } = change
    const since = reacted.get(userId)
    if (kind !== undefined && position <= kind.upTo) {
      if (removed || since === position) rows.push(change)
      continue
    }
    if ((since !== undefined) !== removed) continue
    if (removed) reacted.delete(userId)
    else reacted.set(userId, position)
    rows.push(change)
    kind = countChange(kind, change)
  }
  return { kind, rows }
}

function countedChange({
  userId,
  removed,
  position,
}: ConversationCommit['reactions'][number]): CountedChange {
  return { userId, removed, position: packPosition(position) }
}

function reactorOf({ userId, position }: StoredReaction): readonly Reactor[] {
  return position === undefined ? [] : [[userId, position]]
}

function formatPosition(position: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(POSITION_BYTES)
  bytes.writeBigInt64BE(position)
  return bytes
}

function parseKinds(row: CassandraRow): ReadonlyMap<string, Buffer> {
  return (row['reactions'] as Map<string, Buffer> | null) ?? new Map<string, Buffer>()
}

function parseReaction(row: CassandraRow): StoredReaction {
  const value = row['value'] as Buffer
  return {
    userId: parseStoredUserId(row['user'] as string),
    position: value.length === 0 ? undefined : value.readBigInt64BE(),
    changed: row['changed'] as bigint,
  }
}
