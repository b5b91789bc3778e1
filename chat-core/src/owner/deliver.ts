import type { ConversationEvent, MemberSettings } from '@satchel/protocol'
import type { Decision } from '../domain/decision.ts'
import type { Command } from '../domain/command.ts'
import type { LogEntry } from '../ports/command-log.ts'
import type { DeliveredEvent, GatewayBus, UnknownOutcome } from '../ports/gateway-bus.ts'
import type { SessionRegistry } from '../ports/session-registry.ts'
import type { ConversationView, Decided } from './held-conversation.ts'

export interface DeliverDeps {
  readonly bus: GatewayBus
  readonly sessions: SessionRegistry
}

/** Says what became of a command to the gateway that appended it. */
export function answer(
  deps: DeliverDeps,
  entry: LogEntry,
  outcome: Decision['answer'] | UnknownOutcome,
): void {
  if (entry.answerTo === undefined) return
  const { conversationId } = entry.command
  deps.bus.send(entry.answerTo.gatewayId, {
    type: 'answer',
    to: entry.answerTo,
    conversationId,
    answer: outcome,
  })
}

/** Sends committed events to whom they are for. Nothing here is needed for correctness. */
export async function deliver(
  deps: DeliverDeps,
  view: ConversationView,
  decided: readonly Decided[],
): Promise<void> {
  for (const run of runsOfOneAudience(decided)) {
    const events = run.flatMap(({ entry, decision }) =>
      decision.events.map((event) => delivered(event, entry.command)),
    )
    const [{ audience, membershipChanged, head }] = run
    if (head === undefined || events.length === 0) continue
    const { id: conversationId, opensHistory, strictLinks } = view
    const { membershipSeq, fanout } = head
    const message = {
      type: 'events',
      conversationId,
      events,
      membershipSeq,
      opensHistory,
      strictLinks,
    } as const
    const onSubject = fanout === 'large'
    if (onSubject) deps.bus.publish(view.id, message)
    // On a subject, who was just added does not listen yet.
    if (onSubject && !membershipChanged) continue
    const { usersAt } = await deps.sessions.locate(audience)
    for (const [gatewayId, userIds] of usersAt) {
      deps.bus.send(gatewayId, { ...message, userIds, onSubject })
    }
  }
  for (const { entry, decision } of decided) {
    if (decision.memberSettings !== undefined)
      await sendMemberSettings(deps, entry.command, decision.memberSettings)
  }
}

/**
 * Says where a conversation stands; `byRegistry`: also to members who may not listen to its subject. False when some may
 * not have been found.
 */
export async function announceHead(
  deps: DeliverDeps,
  view: ConversationView,
  byRegistry: boolean,
): Promise<boolean> {
  const { seq, ordinal, timeMs, fanout, kind } = view.head
  const message = { type: 'head', conversationId: view.id, head: { seq, ordinal, timeMs } } as const
  const onSubject = fanout === 'large'
  if (onSubject) deps.bus.publish(view.id, message)
  if (onSubject && (kind === 'channel' || !byRegistry)) return true
  const { usersAt, isComplete } = await deps.sessions.locate(view.memberIds)
  for (const [gatewayId, userIds] of usersAt) {
    deps.bus.send(gatewayId, { ...message, userIds, onSubject })
  }
  return isComplete
}

async function sendMemberSettings(
  deps: DeliverDeps,
  command: Command,
  settings: MemberSettings,
): Promise<void> {
  const { conversationId, authorId } = command
  const { usersAt } = await deps.sessions.locate([authorId])
  for (const [gatewayId, userIds] of usersAt) {
    deps.bus.send(gatewayId, { type: 'member_settings', conversationId, settings, userIds })
  }
}

/** Consecutive decisions with the same audience travel together. */
function runsOfOneAudience(decided: readonly Decided[]): [Decided, ...Decided[]][] {
  const runs: [Decided, ...Decided[]][] = []
  for (const one of decided) {
    const run = runs.at(-1)
    if (run?.[0].audience === one.audience) run.push(one)
    else runs.push([one])
  }
  return runs
}

function delivered(event: ConversationEvent, command: Command): DeliveredEvent {
  const { key } = command
  return key.kind === 'outbox' && event.authorId === command.authorId
    ? { event, commandId: { outbox: key.outbox, counter: key.counter } }
    : { event }
}
