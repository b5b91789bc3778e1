import assert from 'node:assert/strict'
import { ChatError, newConversationId } from '@satchel/protocol'
import type { CommandResult, ErrorDetails } from '@satchel/protocol'
import type { OutboxDeps } from '../../src/outbox-deps.ts'
import { Outbox } from '../../src/outbox.ts'
import { ManualClock } from './manual-clock.ts'

/** A command that went out, and what the far end may say to it. */
export interface Asked {
  readonly counter: number
  readonly outbox: string
  readonly text: string
  readonly restart: boolean
  readonly answer: () => void
  readonly refuse: (code: ChatError['code'], details?: ErrorDetails) => void
  readonly accept: () => void
}

export const conversationId = newConversationId('group')

/** An outbox whose commands wait for the test to answer them. */
export function createLine(keep: () => Promise<void> = () => Promise.resolve()) {
  const clock = new ManualClock()
  const asked: Asked[] = []
  const forgotten: number[] = []
  const connection: OutboxDeps['connection'] = {
    ask(request, handlers) {
      assert.ok(request.type === 'command')
      const { commandId, command, restart } = request
      assert.ok(command.kind === 'send_message')
      // The handlers' type follows the request's, which is a command's.
      const answers = handlers as { onResult(result: CommandResult): void }
      asked.push({
        ...commandId,
        text: command.text ?? '',
        restart: restart === true,
        answer: () => {
          answers.onResult({ conversationId, seq: asked.length, timeMs: 0 })
        },
        refuse: (code, details) => {
          handlers.onError(new ChatError(code, code, details))
        },
        accept: () => handlers.onAccepted?.(),
      })
      return true
    },
    request: () => Promise.reject(new Error('nothing is forwarded')),
    on: () => () => undefined,
    renewToken: () => undefined,
  }
  const keeper = {
    keep,
    forget: ({ counter }: { readonly counter: number }) => {
      forgotten.push(counter)
    },
  }
  const outbox = new Outbox({ connection, clock, random: () => 1, keeper }, { conversationId })
  /** What was asked since the last time, as text. */
  const takeAsked = async (): Promise<readonly Asked[]> => {
    await clock.settle()
    return asked.splice(0)
  }
  const send = (text: string) => {
    const { result } = outbox.add({ kind: 'send_message', text })
    // Every test looks at the outcome in its own time.
    result.catch(() => undefined)
    return result
  }
  return { outbox, clock, send, takeAsked, forgotten }
}

export const texts = (asked: readonly Asked[]): string[] => asked.map(({ text }) => text)
