import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Client } from 'cassandra-driver'
import {
  parseControlConnection,
  refreshOneAtATime,
} from '../../../src/adapters/cassandra/control-connection.ts'

describe('the search for a Cassandra node', () => {
  it('is as we know it in this release of the driver', async () => {
    const driver = new Client({ contactPoints: ['127.0.0.1:1'], localDataCenter: 'datacenter1' })
    const { connection, _isShuttingDown } = parseControlConnection(driver)
    assert.deepEqual([connection, _isShuttingDown], [null, false])
    await driver.shutdown()
  })

  it('is not begun again while it goes on, but for its own next try', async () => {
    const { control, searches } = createControl()
    const first = control._refresh()
    assert.equal(control._refresh(), first)
    void control._refresh('others')
    assert.deepEqual(
      searches.map(({ untried }) => untried),
      [undefined, 'others'],
    )
    searches[0]?.end()
    await first
    void control._refresh()
    assert.equal(searches.length, 3)
  })

  it('is begun again when what it found is lost before it ended', async () => {
    const { control, searches } = createControl()
    const searching = control._refresh()
    control.connection.connected = false
    searches[0]?.end()
    while (searches.length < 2) await Promise.resolve()
    control.connection.connected = true
    searches[1]?.end()
    await searching
    assert.equal(searches.length, 2)
  })

  it('is over once the driver is shut down, whatever was lost by that', async () => {
    const { control, searches } = createControl()
    const searching = control._refresh()
    control.connection.connected = false
    control._isShuttingDown = true
    searches[0]?.end()
    await searching
    assert.equal(searches.length, 1)
  })

  it('can be begun after one that failed', async () => {
    const { control, searches } = createControl()
    const failing = control._refresh()
    searches[0]?.fail(new Error('no node'))
    await assert.rejects(failing, /no node/)
    void control._refresh()
    assert.equal(searches.length, 2)
  })
})

interface Search {
  readonly untried: unknown
  readonly end: () => void
  readonly fail: (error: Error) => void
}

/** A driver's, whose searches end when the test says. */
function createControl() {
  const searches: Search[] = []
  const control = {
    connection: { connected: true, close: () => undefined },
    _isShuttingDown: false,
    _refresh(untried?: unknown): Promise<void> {
      const { promise, resolve, reject } = Promise.withResolvers<undefined>()
      searches.push({ untried, end: () => resolve(undefined), fail: reject })
      return promise
    },
  }
  refreshOneAtATime(control)
  return { control, searches }
}
