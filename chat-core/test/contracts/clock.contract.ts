import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Clock } from '../../src/ports/clock.ts'

export function describeClock(name: string, clock: Clock): void {
  describe(`clock, ${name}`, () => {
    it('tells the machine’s time in milliseconds', () => {
      const before = Date.now()
      const now = clock.nowMs()
      assert.ok(Number.isSafeInteger(now))
      assert.ok(before <= now && now <= Date.now())
    })
  })
}
