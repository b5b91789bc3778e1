import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import type { DeadLetter, DeadLetters } from '../../src/ports/dead-letters.ts'
import { ALICE } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

interface Ports {
  readonly deadLetters: DeadLetters
  /** What is kept, as an operator would read it. */
  readonly kept: () => Promise<readonly DeadLetter[]>
}

export function describeDeadLetters(name: string, subject: ContractSubject<Ports>): void {
  describe(`dead letters, ${name}`, () => {
    it('keeps the whole command and why it is there', async (test) => {
      const { one, other } = await subject.open(test)
      const letter = letterOf('fault-1')
      await one.deadLetters.add(letter)
      assert.deepEqual(await other.kept(), [letter])
    })

    it('keeps one of those that two owners add for the same fault', async (test) => {
      const { one, other } = await subject.open(test)
      const letters = [letterOf('fault-1'), letterOf('fault-2')]
      for (const letter of letters) {
        await one.deadLetters.add(letter)
        await other.deadLetters.add(letter)
      }
      assert.deepEqual(await one.kept(), letters)
    })
  })
}

function letterOf(faultId: string): DeadLetter {
  return {
    faultId,
    partition: 3,
    position: { generation: 1, record: 12, index: 4 },
    entry: {
      command: {
        conversationId: CONVERSATION,
        authorId: ALICE,
        key: { kind: 'none' },
        contentHash: 7,
        content: { kind: 'send_message', text: 'hello' },
      },
      answerTo: { gatewayId: 'gateway', bootId: 'boot', ticket: 2 },
    },
    reason: 'the rules threw',
  }
}

const CONVERSATION = newConversationId('group')
