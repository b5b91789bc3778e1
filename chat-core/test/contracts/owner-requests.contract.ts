import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newConversationId, type ConversationId } from '@satchel/protocol'
import type { HeadRow, MemberRow } from '../../src/domain/conversation-state.ts'
import type {
  AnswerQuestions,
  OwnerQuestion,
  OwnerRequests,
} from '../../src/ports/owner-requests.ts'
import { eventually } from '../support/eventually.ts'
import { ALICE, BOB, personNamed } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

interface Ports {
  readonly requests: OwnerRequests
}

const HEAD: HeadRow = {
  ...{ seq: 2 ** 40, ordinal: 2 ** 39, timeMs: 1_700_000_000_000, kind: 'channel' },
  ...{ creatorId: ALICE, createdMs: 12, membershipSeq: 3, memberCount: 10_000 },
  ...{ fanout: 'large', deleted: true },
}
const MEMBER: MemberRow = { role: 'admin', joinedSeq: 4, settings: { mutedUntilMs: 7 } }
const OVERVIEW = {
  head: HEAD,
  details: { title: 'Trip', data: { a: [1, null] }, settings: { membersCanPin: true } },
  pins: [4, 2],
}

/** Answers every question as if all conversations were the same. */
const answerAll: AnswerQuestions = (questions) =>
  Promise.resolve(
    questions.map((question) => {
      switch (question.ask) {
        case 'head':
          return HEAD
        case 'overview':
          return OVERVIEW
        case 'member':
          return question.userId === ALICE ? MEMBER : undefined
        case 'members':
          return question.after === undefined ? [{ userId: BOB, ...MEMBER }] : []
        default:
          return question satisfies never
      }
    }),
  )

export function describeOwnerRequests(name: string, subject: ContractSubject<Ports>): void {
  describe(`owner requests, ${name}`, () => {
    it('brings every question to who serves the partition, and the answers back in order', async (test) => {
      const { one, other } = await subject.open(test)
      const asked: OwnerQuestion[] = []
      other.requests.serve(3, (questions) => {
        asked.push(...questions)
        return answerAll(questions)
      })
      const id = newConversationId('group')
      const questions = [
        { ask: 'members', conversationId: id, after: undefined, limit: 1_000 },
        { ask: 'member', conversationId: id, userId: BOB },
        { ask: 'overview', conversationId: id },
        { ask: 'member', conversationId: id, userId: ALICE },
        { ask: 'head', conversationId: id },
        { ask: 'members', conversationId: id, after: BOB, limit: 0 },
      ] as const
      const answers = await one.requests.ask(3, questions)
      const list = [{ userId: BOB, ...MEMBER }]
      assert.deepEqual(answers, [list, undefined, OVERVIEW, MEMBER, HEAD, []])
      assert.deepEqual(asked, questions)
      assert.deepEqual(await one.requests.ask(3, []), [])
    })

    it('gives each of many who ask at once their own answers', async (test) => {
      const { one, other } = await subject.open(test)
      other.requests.serve(0, (questions) =>
        Promise.resolve(
          questions.map((question) => ({
            ...MEMBER,
            joinedSeq: question.ask === 'member' ? Number(question.userId) : 0,
          })),
        ),
      )
      const conversationId = newConversationId('group')
      const asks = Array.from({ length: 500 }, async (_, n) => {
        const userId = personNamed(String(n))
        const [member] = await one.requests.ask(0, [{ ask: 'member', conversationId, userId }])
        return member
      })
      const answers = await Promise.all(asks)
      assert.deepEqual(
        answers.map((answer) => answer?.joinedSeq),
        Array.from({ length: 500 }, (_, n) => n),
      )
    })

    it('keeps partitions apart', async (test) => {
      const { one, other } = await subject.open(test)
      const asked: number[] = []
      for (const partition of [1, 2])
        other.requests.serve(partition, (questions) => {
          asked.push(partition)
          return answerAll(questions)
        })
      await one.requests.ask(2, [headQuestion()])
      assert.deepEqual(asked, [2])
    })

    it('waits for an owner that comes a moment later', async (test) => {
      const { one, other } = await subject.open(test)
      const answer = one.requests.ask(0, [headQuestion()])
      await new Promise((resolve) => setImmediate(resolve))
      other.requests.serve(0, answerAll)
      assert.deepEqual(await answer, [HEAD])
    })

    it('rejects when nobody answers in time', async (test) => {
      const { one } = await subject.open(test)
      await assert.rejects(one.requests.ask(0, [headQuestion()]), { code: 'unavailable' })
    })

    it('rejects when the owner cannot answer, and asks it again the next time', async (test) => {
      const { one, other } = await subject.open(test)
      let isAble = false
      other.requests.serve(0, (questions) =>
        isAble ? answerAll(questions) : Promise.reject(new Error('not now')),
      )
      await assert.rejects(one.requests.ask(0, [headQuestion()]), { code: 'unavailable' })
      isAble = true
      assert.deepEqual(await one.requests.ask(0, [headQuestion()]), [HEAD])
    })

    it('asks the next owner once one no longer serves', async (test) => {
      const { one, other } = await subject.open(test)
      const asked: string[] = []
      const serve = (by: string, ports: Ports) =>
        ports.requests.serve(0, (questions) => {
          asked.push(by)
          return answerAll(questions)
        })
      const end = serve('first', other)
      await one.requests.ask(0, [headQuestion()])
      end()
      serve('second', one)
      await one.requests.ask(0, [headQuestion()])
      await other.requests.ask(0, [headQuestion()])
      assert.deepEqual(asked, ['first', 'second', 'second'])
    })

    it('gives an answer while two serve', async (test) => {
      const { one, other } = await subject.open(test)
      const asked = new Set<string>()
      for (const [by, ports] of [
        ['one', one],
        ['other', other],
      ] as const)
        ports.requests.serve(0, (questions) => {
          asked.add(by)
          return answerAll(questions)
        })
      await eventually(async () => {
        assert.deepEqual(await one.requests.ask(0, [headQuestion()]), [HEAD])
        assert.ok(asked.size > 0)
      })
    })
  })
}

function headQuestion(conversationId: ConversationId = newConversationId('group')) {
  return { ask: 'head', conversationId } as const
}
