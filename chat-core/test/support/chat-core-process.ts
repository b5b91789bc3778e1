import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import {
  newConversationId,
  newOutboxId,
  parseUserId,
  type CommandResult,
  type ConversationId,
  type OutboxId,
  type RequestedCommand,
  type UserId,
} from '@satchel/protocol'
import { openEmbeddedBackend } from '../../src/backends/embedded.ts'
import type { Backend } from '../../src/backends/backend.ts'
import type { OwnerBounds } from '../../src/owner/owner-room.ts'
import { startOwner, type OwnerDeps, type RunningOwner } from '../../src/owner/start-owner.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { ConversationStore } from '../../src/ports/conversation-store.ts'
import type { GatewayMessage } from '../../src/ports/gateway-bus.ts'
import { createTimers } from '../../src/runtime/timers.ts'
import { stampReaction } from '../../src/queries/stamp-reaction.ts'
import { stampAttachments } from '../../src/uploads/stamp-attachments.ts'
import { CommandSubmitter, type CommandLine } from '../../src/command-submitter.ts'

export const GATEWAY_ID = 'gateway-1'

/** The embedded backend with an owner, and one gateway's end of it. */
export interface ChatCoreProcess {
  readonly backend: Backend
  readonly submitter: CommandSubmitter
  /** Everything the gateway was sent, answers left out. */
  readonly received: GatewayMessage[]
  readonly poisoned: unknown[]
}

export interface ChatCoreOptions {
  /** Stands between the owner and the store. */
  readonly wrapStore?: (store: ConversationStore) => ConversationStore
  readonly dataDir?: string
  readonly bounds?: OwnerBounds
  readonly clock?: Clock
}

/** Starts it for one test; it ends with the test. */
export async function startChatCore(
  test: TestContext,
  options: ChatCoreOptions = {},
): Promise<ChatCoreProcess> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'satchel-chat-core-')))
  const backend = await openEmbeddedBackend({
    dataDir,
    pid: process.pid,
    clock: options.clock,
    onListenerError: failLoudly,
  })
  const received: GatewayMessage[] = []
  const poisoned: unknown[] = []
  const submitter = new CommandSubmitter({
    commandLog: backend.commandLog,
    timers: createTimers(),
    gatewayId: GATEWAY_ID,
    bootId: 'boot-1',
    stampAttachments: (...asked) => stampAttachments(backend, ...asked),
    stampReaction: (...asked) => stampReaction(backend, ...asked),
    times: { acceptedAfterMs: 2_000, answerWithinMs: 60_000 },
  })
  backend.bus.listen(GATEWAY_ID, (message) => {
    if (message.type === 'answer') submitter.take(message)
    else received.push(message)
  })
  const deps: OwnerDeps = {
    ...backend,
    conversations: options.wrapStore?.(backend.conversations) ?? backend.conversations,
    settings: {
      clientsMayCreateGroups: true,
      historyForNewcomers: false,
      eraseBlanksMessages: true,
    },
    telemetry: {
      committed: () => undefined,
      commitFailed: () => undefined,
      deliveryFailed: (_, error) => {
        failLoudly(error)
      },
      storeFailed: (_id, _attempts, error) => {
        failLoudly(error)
      },
      commandPoisoned: (_faultId, _entry, error) => poisoned.push(error),
    },
  }
  const owner: RunningOwner = startOwner(deps, options.bounds)
  test.after(async () => {
    submitter.close()
    await owner.close()
    await backend.close()
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
  })
  return { backend, submitter, received, poisoned }
}

/** Somebody with one line of commands and an outbox, numbering as a client does. */
export class Actor {
  readonly userId: UserId
  readonly line: CommandLine
  readonly outbox: OutboxId = newOutboxId()
  #counter = 0

  constructor(core: ChatCoreProcess, name: string) {
    this.userId = userNamed(name)
    this.line = core.submitter.openLine()
  }

  ask(
    conversationId: ConversationId,
    command: RequestedCommand,
    options: { counter?: number; restart?: boolean } = {},
  ): Promise<CommandResult> {
    const counter = options.counter ?? ++this.#counter
    const key = { kind: 'outbox', outbox: this.outbox, counter } as const
    return this.line.submit({
      authorId: this.userId,
      conversationId,
      key,
      command,
      restart: options.restart,
    })
  }

  say(conversationId: ConversationId, text: string): Promise<CommandResult> {
    return this.ask(conversationId, { kind: 'send_message', text })
  }

  async createGroup(...others: readonly string[]): Promise<ConversationId> {
    const id = newConversationId('group')
    await this.ask(id, {
      kind: 'create_conversation',
      conversationKind: 'group',
      memberIds: others.map(userNamed),
    })
    return id
  }
}

export function userNamed(name: string): UserId {
  const id = parseUserId(name)
  if (id === undefined) throw new Error(`${name} is no user id`)
  return id
}

function failLoudly(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
