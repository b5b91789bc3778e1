import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import { HeadAnnouncer } from '../../src/owner/head-announcer.ts'
import type { ConversationView } from '../../src/owner/held-conversation.ts'
import { ALICE } from '../support/people.ts'

const id = newConversationId('group')

describe('where a conversation stands is said again', () => {
  it('3 s and 30 s after its last event, the second time to everybody', () => {
    const { announcer, said } = record()
    announcer.touch(group('small', 1), 1, 0)
    announcer.touch(group('small', 2), 2, 1_000)
    for (let nowMs = 0; nowMs <= 60_000; nowMs += 250) announcer.tick(nowMs)
    assert.deepEqual(said, ['4000: 2', '31000: 2 to all'])
  })

  it('to everybody every half a minute while a large group is never quiet', () => {
    const { announcer, said } = record()
    for (let nowMs = 0; nowMs <= 65_000; nowMs += 1_000) {
      announcer.tick(nowMs)
      announcer.touch(group('large', nowMs), nowMs, nowMs)
    }
    assert.deepEqual(said, ['30000: 29000 to all', '60000: 59000 to all'])
  })

  it('of a small group only when it is quiet: every event of it reaches all', () => {
    const { announcer, said } = record()
    for (let nowMs = 0; nowMs <= 65_000; nowMs += 1_000) {
      announcer.tick(nowMs)
      announcer.touch(group(nowMs < 20_000 ? 'large' : 'small', nowMs), nowMs, nowMs)
    }
    assert.deepEqual(said, [])
  })

  it('every half a minute to whom nobody could find, until somebody can or there is another event', () => {
    const { announcer, said } = record()
    announcer.sayLater({ view: group('small', 1), record: 1 }, 0)
    for (let nowMs = 0; nowMs <= 70_000; nowMs += 1_000) {
      announcer.tick(nowMs)
      if (nowMs === 30_000) announcer.sayLater({ view: group('small', 1), record: 1 }, nowMs)
    }
    assert.deepEqual(said, ['30000: 1 to all', '60000: 1 to all'])
    announcer.sayLater({ view: group('small', 1), record: 1 }, 70_000)
    announcer.touch(group('small', 2), 2, 71_000)
    for (let nowMs = 71_000; nowMs <= 200_000; nowMs += 1_000) announcer.tick(nowMs)
    assert.deepEqual(said.slice(2), ['74000: 2', '101000: 2 to all'])
  })

  it('and holds up nothing meanwhile', () => {
    const announcer = new HeadAnnouncer(() => undefined)
    announcer.sayLater({ view: group('small', 1), record: 1 }, 0)
    assert.equal(announcer.lowestRecord, undefined)
  })
})

function record() {
  const said: string[] = []
  let nowMs = 0
  const announcer = new HeadAnnouncer(({ view }, toAll) => {
    said.push(`${nowMs}: ${view.head.seq}${toAll ? ' to all' : ''}`)
  })
  return {
    said,
    announcer: {
      touch: announcer.touch.bind(announcer),
      sayLater: announcer.sayLater.bind(announcer),
      tick(atMs: number) {
        nowMs = atMs
        announcer.tick(atMs)
      },
    },
  }
}

function group(fanout: 'small' | 'large', seq: number): ConversationView {
  const creatorId = ALICE
  const head = {
    ...{ seq, ordinal: seq, timeMs: 0, createdMs: 0, kind: 'group' as const, creatorId },
    ...{ membershipSeq: 1, memberCount: 300, fanout, deleted: false },
  }
  return { id, head, memberIds: [creatorId], opensHistory: false, strictLinks: false }
}
