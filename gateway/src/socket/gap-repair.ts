import type { ConversationId, UserId } from '@satchel/protocol'
import { listConversations, type InboxDeps } from '@satchel/chat-core'
import type { FoundHead } from '@satchel/chat-core/ports'
import { waitOut } from '../back-off.ts'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import type { Audiences } from './audiences.ts'
import type { LateSeats } from './late-seats.ts'
import type { OutOfReach, Waiter } from './out-of-reach.ts'
import type { SessionTable } from './session-table.ts'

export interface GapRepairDeps {
  readonly queries: Pick<InboxDeps, 'heads' | 'inbox' | 'followers'>
  readonly audiences: Audiences
  readonly sessions: SessionTable
  readonly lateSeats: LateSeats
  readonly outOfReach: OutOfReach
  readonly telemetry: Pick<GatewayTelemetry, 'gapFound' | 'gapRepairFailed'>
}

const HEADS_AT_ONCE = 256
const USERS_AT_ONCE = 8
/** Of one user. */
const MISSED_MAX = 200
/** A service that comes back has lost all gateways at the same moment. */
const SPREAD = { baseMs: 500, capMs: 500 }
const RETRY = { baseMs: 500, capMs: 10_000 }

/**
 * What a gateway does when messages for it may have been lost: its sessions count as lagging. Where every
 * conversation stands is asked and announced as an owner does, so that everybody gets what they miss; and each
 * user's conversations are looked through for those that nobody here has heard of.
 */
export class GapRepair implements Waiter {
  readonly #deps: GapRepairDeps
  waits: Set<() => void> | undefined
  #isWanted = false
  #isWorking = false
  #isStopped = false

  constructor(deps: GapRepairDeps) {
    this.#deps = deps
  }

  /** Messages may have been lost until now. While it works, once more from the start. */
  begin(): void {
    this.#deps.telemetry.gapFound()
    this.#isWanted = true
    if (!this.#isWorking) void this.#work()
  }

  stop(): void {
    this.#isStopped = true
    this.#deps.outOfReach.giveUp(this)
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    while (this.#isWanted && !this.#isStopped) {
      this.#isWanted = false
      await waitOut(SPREAD, 0)
      await this.#announceAll()
      await this.#findUnheardOf()
    }
    this.#isWorking = false
  }

  async #announceAll(): Promise<void> {
    const ids = this.#deps.audiences.ids()
    for (let from = 0; from < ids.length; from += HEADS_AT_ONCE) {
      const some = ids.slice(from, from + HEADS_AT_ONCE)
      await this.#persist(() => this.#announce(some))
    }
  }

  async #announce(ids: readonly ConversationId[]): Promise<void> {
    const heads = await this.#deps.queries.heads.read(ids)
    for (const [index, id] of ids.entries()) this.#announceOne(id, heads[index])
  }

  #announceOne(conversationId: ConversationId, found: FoundHead): void {
    if (found === 'unreachable') {
      this.#deps.outOfReach.wait(this, conversationId, () => {
        void this.#persist(() => this.#announce([conversationId]))
      })
    } else if (found !== undefined) {
      const { seq, ordinal, timeMs, fanout } = found
      const onSubject = fanout === 'large'
      const head = { seq, ordinal, timeMs }
      this.#deps.audiences.announce({ type: 'head', conversationId, head, onSubject })
    }
  }

  async #findUnheardOf(): Promise<void> {
    const userIds = [...this.#deps.sessions.userIds()].values()
    await Promise.all(
      Array.from({ length: USERS_AT_ONCE }, async () => {
        for (const userId of userIds) await this.#persist(() => this.#seat(userId))
      }),
    )
  }

  async #seat(userId: UserId): Promise<void> {
    const { queries, sessions, lateSeats } = this.#deps
    if (sessions.of(userId).size === 0) return
    const joined = await listConversations(queries, userId)
    const welcome = [...sessions.of(userId)].filter(({ isWelcome }) => isWelcome)
    const isMissed = (id: ConversationId): boolean => welcome.some(({ seats }) => !seats.has(id))
    const missed = [...joined.keys()].filter(isMissed)
    if (missed.length === 0) return
    const heads = await queries.heads.read(missed)
    for (const conversationId of newestOf(missed, heads)) {
      for (const session of welcome)
        if (!session.seats.has(conversationId)) lateSeats.take(session, conversationId, undefined)
    }
  }

  /** Until it succeeds: what is skipped here nobody would notice. */
  async #persist(work: () => Promise<void>): Promise<void> {
    for (let failures = 0; !this.#isStopped; failures++) {
      try {
        await work()
        return
      } catch (error) {
        this.#deps.telemetry.gapRepairFailed(error)
        await waitOut(RETRY, failures)
      }
    }
  }
}

/** Those that may have begun meanwhile. Who has more conversations than a session compares lacks many old ones. */
function newestOf(
  ids: readonly ConversationId[],
  heads: readonly FoundHead[],
): readonly ConversationId[] {
  return ids
    .flatMap((id, index) => {
      const head = heads[index]
      if (head === undefined) return []
      if (head === 'unreachable') return [{ id, timeMs: Infinity }]
      return head.deleted ? [] : [{ id, timeMs: head.timeMs }]
    })
    .sort((left, right) => right.timeMs - left.timeMs)
    .slice(0, MISSED_MAX)
    .map(({ id }) => id)
}
