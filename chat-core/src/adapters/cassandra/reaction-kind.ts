import { LIMITS, type ReactionCount, type UserId } from '@satchel/protocol'
import { parseCell } from '../cell-value.ts'

/** Who reacted to a message with one emoji, as it lies beside the message. Positions are packed ones. */
export interface ReactionKind {
  readonly count: number
  /** When the first reacted, since nobody last had. */
  readonly first: bigint
  /** The last change that is counted. */
  readonly upTo: bigint
  /** In the order in which they reacted; absent while they are too many to be named. */
  readonly reactors?: readonly Reactor[] | undefined
}

export type Reactor = readonly [userId: UserId, position: bigint]

export interface CountedChange {
  readonly userId: UserId
  readonly removed: boolean
  readonly position: bigint
}

const MAX_NAMED = LIMITS.smallConversationMembers

/** After somebody reacted who had not, or took back what was there. */
export function countChange(
  kind: ReactionKind | undefined,
  { userId, removed, position }: CountedChange,
): ReactionKind {
  const { count, first, reactors } = kind ?? { count: 0, first: position, reactors: [] }
  const next = {
    count: count + (removed ? -1 : 1),
    first: count === 0 ? position : first,
    upTo: position,
  }
  if (reactors === undefined || next.count > MAX_NAMED) return next
  if (removed) return { ...next, reactors: reactors.filter(([reactor]) => reactor !== userId) }
  return { ...next, reactors: [...reactors, [userId, position]] }
}

/** Of all who have reacted, in whatever order; `first` is known where the kind was there before. */
export function kindOf(
  reacted: readonly Reactor[],
  { upTo, first }: { readonly upTo: bigint; readonly first: bigint | undefined },
): ReactionKind {
  const reactors = reacted.toSorted(([, left], [, right]) => compare(left, right))
  const kind = { count: reactors.length, first: first ?? reactors[0]?.[1] ?? upTo, upTo }
  return kind.count > MAX_NAMED ? kind : { ...kind, reactors }
}

/** Whether it says less than it should: who is left, after there were too many to be named. */
export function lacksNames({ count, reactors }: ReactionKind): boolean {
  return reactors === undefined && count <= MAX_NAMED
}

/** As readers see them: kinds in the order of their first reaction, as many as a message may have. */
export function shownReactions(
  kinds: ReadonlyMap<string, Uint8Array>,
): readonly ReactionCount[] | undefined {
  const shown = [...kinds]
    .map(([emoji, bytes]) => ({ emoji, kind: parseReactionKind(bytes) }))
    .filter(({ kind }) => kind.count > 0)
    .toSorted((left, right) => compare(orderOf(left.kind), orderOf(right.kind)))
    .slice(0, LIMITS.reactionKindsPerMessage)
    .map(({ emoji, kind: { count, reactors } }): ReactionCount => {
      if (reactors === undefined) return { emoji, count }
      return { emoji, count, userIds: reactors.map(([userId]) => userId) }
    })
  return shown.length === 0 ? undefined : shown
}

export function parseReactionKind(bytes: Uint8Array): ReactionKind {
  return parseCell(bytes) as ReactionKind
}

function orderOf({ reactors, first }: ReactionKind): bigint {
  return reactors?.[0]?.[1] ?? first
}

function compare(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0
}
