import { ChatError } from '@satchel/protocol'
import {
  createMonotonicClock,
  type Log,
  type Metrics,
  type MonotonicClock,
} from '../runtime/index.ts'
import { Repeats } from '../runtime/repeats.ts'
import type { OwnerTelemetry } from './partition-owner-deps.ts'

/** What happens at an owner, as its operators learn of it. */
export function createOwnerTelemetry(
  log: Log,
  metrics: Metrics,
  clock: MonotonicClock = createMonotonicClock(),
): OwnerTelemetry {
  metrics.plays('chat-core')
  const { commands, events, failures, retries, undelivered, poisoned } =
    createOwnerCounters(metrics)
  const repeats = new Repeats(clock)
  return {
    committed: (commandCount, eventCount) => {
      commands.add(commandCount)
      events.add(eventCount)
    },
    commitFailed: (conversationId, commandCount, outcome) => {
      failures.add(1, { code: outcome.code })
      log.error({ conversationId, commands: commandCount, code: outcome.code }, 'commit failed')
    },
    deliveryFailed: (conversationId, error) => {
      undelivered.add(1)
      const unsaid = repeats.take('delivery')
      if (unsaid !== undefined) log.warn({ conversationId, unsaid, error }, 'delivery failed')
    },
    storeFailed: (conversationId, attempts, error) => {
      const code = error instanceof ChatError ? error.code : 'internal'
      retries.add(1, { code })
      // While the store is away every conversation in use tries again and again.
      if (isPowerOfTwo(attempts))
        log.warn({ conversationId, attempts, error }, 'store failed, trying again')
    },
    commandPoisoned: (faultId, { command }, error) => {
      poisoned.add(1)
      const { conversationId, authorId, content } = command
      log.error(
        { faultId, conversationId, authorId, kind: content.kind, error },
        'command poisoned',
      )
    },
  }
}

function createOwnerCounters(metrics: Metrics) {
  const commands = metrics.counter({
    name: 'satchel_commands_committed_total',
    help: 'Commands whose outcome was committed.',
  })
  const events = metrics.counter({
    name: 'satchel_events_committed_total',
    help: 'Events that were committed.',
  })
  const failures = metrics.counter({
    name: 'satchel_commits_failed_total',
    help: 'Commits that failed, by the code their commands were answered with.',
    labels: ['code'],
  })
  const retries = metrics.counter({
    name: 'satchel_commits_retried_total',
    help: 'Loads and commits that failed, and were tried again, by error code.',
    labels: ['code'],
  })
  failures.expect([{ code: 'unavailable' }, { code: 'storage_full' }, { code: 'retry' }])
  retries.expect([{ code: 'unavailable' }, { code: 'storage_full' }, { code: 'internal' }])
  const undelivered = metrics.counter({
    name: 'satchel_deliveries_failed_total',
    help: 'Committed events whose delivery failed; clients find them by the head.',
  })
  const poisoned = metrics.counter({
    name: 'satchel_commands_poisoned_total',
    help: 'Commands that made the rules throw, and were rejected.',
  })
  return { commands, events, failures, retries, undelivered, poisoned }
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0
}
