import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CommitPace } from '../../../src/adapters/embedded/commit-pace.ts'

/** The pace after two seconds of commits of so many cells, so far apart. */
function paceAfter(cells: number, everyMs: number): number {
  const pace = new CommitPace()
  let apartMs = 0
  for (let nowMs = everyMs; nowMs <= 2_000; nowMs += everyMs) apartMs = pace.next(cells, nowMs)
  return apartMs
}

describe('how far apart commits begin', () => {
  it('is not at all while few come, and longer the more come', () => {
    assert.equal(paceAfter(4, 4), 0)
    assert.equal(paceAfter(4, 1), 0)
    assert.equal(paceAfter(11, 2), 2)
    assert.equal(paceAfter(26, 4), 4)
    assert.equal(paceAfter(72, 8), 8)
    assert.equal(paceAfter(1_000, 8), 8)
  })

  it('does not depend on how what comes is spread over commits', () => {
    assert.equal(paceAfter(7, 1), paceAfter(70, 10))
    assert.equal(paceAfter(4, 1), paceAfter(400, 100))
  })

  it('does not change for one large commit', () => {
    const pace = new CommitPace()
    assert.equal(pace.next(900, 10_000), 0)
    assert.equal(pace.next(4, 10_001), 0)
  })

  it('is not at all again after a pause', () => {
    const pace = new CommitPace()
    for (let nowMs = 8; nowMs <= 800; nowMs += 8) pace.next(100, nowMs)
    assert.equal(pace.next(100, 808), 8)
    assert.equal(pace.next(4, 60_000), 0)
  })

  it('takes commits of one moment for what they are together', () => {
    const pace = new CommitPace()
    let apartMs = 0
    for (let count = 0; count < 500; count++) apartMs = pace.next(4, 5_000)
    assert.equal(apartMs, 8)
  })
})
