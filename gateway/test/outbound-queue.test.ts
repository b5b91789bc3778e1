import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualTimers } from '../../chat-core/test/support/manual-timers.ts'
import {
  OUTBOUND_STEPS,
  OutboundFlusher,
  type OutboundFlusherOptions,
  type OutboundSteps,
} from '../src/socket/outbound-flusher.ts'
import { OutboundQueue } from '../src/socket/outbound-queue.ts'

const steps: OutboundSteps = {
  signalsStopBytes: 100,
  lagBytes: 200,
  closeBytes: 400,
  lagTimeoutMs: 1_000,
}

/** A socket that takes `room` bytes, then keeps what comes, as the real one does. */
class FakeSocket {
  readonly messages: Uint8Array[] = []
  room = Infinity
  buffered = 0
  /** What `send` says in any case. */
  outcome: number | undefined

  send(message: Uint8Array): number {
    this.messages.push(Uint8Array.from(message))
    this.buffered += Math.max(0, message.length - this.room)
    this.room = Math.max(0, this.room - message.length)
    return this.outcome ?? (this.buffered > 0 ? 0 : 1)
  }

  getBufferedAmount(): number {
    return this.buffered
  }
}

function makeFlusher(options: Partial<OutboundFlusherOptions> = {}): OutboundFlusher {
  return new OutboundFlusher({
    steps,
    budgetBytes: 1_000_000,
    busyIntervalMs: 0,
    timers: new ManualTimers(),
    sent: { add: () => undefined },
    ...options,
  })
}

function makeQueue(flusher = makeFlusher()) {
  const socket = new FakeSocket()
  const happened: string[] = []
  const queue = new OutboundQueue(
    socket,
    { isBinary: true, flusher },
    {
      lagging: () => happened.push('lagging'),
      recovered: () => happened.push('recovered'),
      tooSlow: () => happened.push('tooSlow'),
    },
  )
  return { socket, queue, flusher, happened }
}

const frame = (length: number, fill = 1): Uint8Array => new Uint8Array(length).fill(fill)

test('frames of one turn leave as one message, in order', async () => {
  const { socket, queue } = makeQueue()
  queue.push(frame(2, 1))
  assert.equal(queue.offerEvent(frame(2, 2)), true)
  queue.offerSignal(frame(2, 3))
  assert.deepEqual(socket.messages, [])
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(socket.messages, [Uint8Array.of(1, 1, 2, 2, 3, 3)])
})

test('what is too long to be joined goes by itself, in its place', () => {
  const roomy = makeFlusher({ steps: OUTBOUND_STEPS, budgetBytes: 1e9 })
  const { socket, queue } = makeQueue(roomy)
  const long = roomy.scratch.length + 1
  for (const [length, fill] of [
    [1, 1],
    [long, 2],
    [1, 3],
  ] as const)
    queue.push(frame(length, fill))
  queue.flush()
  assert.deepEqual(
    Buffer.concat(socket.messages),
    Buffer.concat([frame(1, 1), frame(long, 2), frame(1, 3)]),
  )
})

test('first signals stop, then events, and no event follows one that was dropped', () => {
  const { socket, queue, happened } = makeQueue()
  socket.room = 0
  queue.push(frame(150))
  queue.flush()
  queue.offerSignal(frame(1))
  assert.equal(queue.waitingBytes, 150)
  assert.equal(queue.offerEvent(frame(100)), true)
  assert.equal(queue.offerEvent(frame(1)), false)
  assert.deepEqual(happened, ['lagging'])

  // A little less waits: still nothing, until it has drained.
  socket.buffered = 120
  queue.flush()
  queue.drained()
  assert.equal(queue.offerEvent(frame(1)), false)
  socket.buffered = 50
  queue.drained()
  assert.deepEqual(happened, ['lagging', 'recovered'])
  assert.equal(queue.offerEvent(frame(1)), true)
})

test('a burst that the socket takes at once is no reason to lag on', () => {
  const { queue, happened } = makeQueue()
  assert.equal(queue.offerEvent(frame(250)), true)
  assert.equal(queue.offerEvent(frame(1)), false)
  queue.flush()
  assert.deepEqual(happened, ['lagging', 'recovered'])
})

test('beyond the last step, or after a drop, the socket goes', () => {
  const full = makeQueue()
  full.socket.room = 0
  full.queue.push(frame(500))
  full.queue.flush()
  assert.deepEqual(full.happened, ['tooSlow'])

  const dropping = makeQueue()
  dropping.socket.outcome = 2
  dropping.queue.push(frame(1))
  dropping.queue.flush()
  assert.deepEqual(dropping.happened, ['tooSlow'])
})

test('who lags for too long goes', () => {
  const { socket, queue, happened } = makeQueue()
  socket.room = 0
  queue.push(frame(250))
  queue.flush()
  queue.offerEvent(frame(1))
  for (const nowMs of [5_000, 5_999]) queue.checkLag(nowMs)
  assert.deepEqual(happened, ['lagging'])
  queue.checkLag(6_000)
  assert.deepEqual(happened, ['lagging', 'tooSlow'])
})

test('the more waits in the whole process, the less each socket may hold', () => {
  const flusher = makeFlusher({ budgetBytes: 1_000 })
  const other = makeQueue(flusher)
  other.socket.room = 0
  other.queue.push(frame(750))
  other.queue.flush()
  assert.equal(flusher.waitingBytes, 750)
  assert.equal(flusher.steps.lagBytes, 100)

  const { queue } = makeQueue(flusher)
  assert.equal(queue.offerEvent(frame(101)), true)
  assert.equal(queue.offerEvent(frame(1)), false)

  other.queue.close()
  assert.equal(flusher.waitingBytes, 0)
  assert.deepEqual(flusher.steps, steps)
})

test('room is given when little waits, and to everybody when the socket ends', async () => {
  const { socket, queue } = makeQueue()
  await queue.room()
  socket.room = 0
  queue.push(frame(150))
  queue.flush()
  let released = 0
  const waiting = [queue.room(), queue.room()].map((room) => room.then(() => released++))
  socket.buffered = 90
  queue.drained()
  await Promise.all(waiting)
  assert.equal(released, 2)

  socket.buffered = 150
  queue.drained()
  const last = queue.room()
  queue.close()
  await last
})

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A socket to which so much was just said that what comes next is held for 50 ms. */
async function makeBusyQueue(busySteps = OUTBOUND_STEPS) {
  const timers = new ManualTimers()
  const made = makeQueue(makeFlusher({ steps: busySteps, busyIntervalMs: 50, timers }))
  for (let event = 0; event < 70; event++) made.queue.offerEvent(frame(1, 0))
  await turn()
  made.socket.messages.length = 0
  return { ...made, timers }
}

test('a socket that is new, or was calm for a second, takes thirty events at once before it is busy', async () => {
  const timers = new ManualTimers()
  const { socket, queue } = makeQueue(makeFlusher({ busyIntervalMs: 50, timers }))
  for (let event = 1; event <= 30; event++) {
    queue.offerEvent(frame(1))
    await turn()
    assert.equal(socket.messages.length, event)
  }
  queue.offerEvent(frame(1))
  await turn()
  assert.equal(socket.messages.length, 30)
})

test('a socket that gets thirty events a second is written to at once each time', async () => {
  const timers = new ManualTimers()
  const { socket, queue } = makeQueue(makeFlusher({ busyIntervalMs: 50, timers }))
  for (let event = 1; event <= 3_000; event++) {
    timers.advance(1_000 / 30)
    queue.offerEvent(frame(1))
    await turn()
    assert.equal(socket.messages.length, event)
  }
  assert.equal(timers.waiting, 0)
})

test('a busy socket gets the events of an interval together, in order', async () => {
  const { socket, queue, flusher, timers } = await makeBusyQueue()
  for (const fill of [1, 2, 3]) {
    queue.offerEvent(frame(1, fill))
    await turn()
    timers.advance(16)
  }
  assert.deepEqual(socket.messages, [])
  assert.equal(flusher.heldCount, 1)
  timers.advance(2)
  assert.deepEqual(socket.messages, [Uint8Array.of(1, 2, 3)])
  assert.equal(flusher.heldCount, 0)
})

test('an answer leaves at once, behind what was held, which leaves only once', async () => {
  const { socket, queue, timers } = await makeBusyQueue()
  queue.offerEvent(frame(1, 1))
  await turn()
  queue.push(frame(1, 2))
  queue.offerEvent(frame(1, 3))
  await turn()
  assert.deepEqual(socket.messages, [Uint8Array.of(1, 2, 3)])
  timers.advance(50)
  assert.equal(socket.messages.length, 1)

  queue.offerEvent(frame(1, 4))
  timers.advance(50)
  assert.deepEqual(socket.messages.slice(1), [Uint8Array.of(4)])
})

test('what is held never looks like what a slow socket leaves', async () => {
  const { queue, socket } = await makeBusyQueue(steps)
  queue.offerEvent(frame(24))
  await turn()
  assert.equal(socket.messages.length, 0)
  queue.offerEvent(frame(1))
  await turn()
  assert.equal(socket.messages.length, 1)
})

test('what its user said leaves at once as well', async () => {
  const { socket, queue } = await makeBusyQueue()
  queue.offerEvent(frame(1, 1))
  assert.equal(queue.offerOwnEvent(frame(1, 2)), true)
  await turn()
  assert.deepEqual(socket.messages, [Uint8Array.of(1, 2)])
})

test('signals count, and are held, as events are', async () => {
  const timers = new ManualTimers()
  const { socket, queue } = makeQueue(
    makeFlusher({ steps: OUTBOUND_STEPS, busyIntervalMs: 50, timers }),
  )
  for (let signal = 0; signal < 70; signal++) queue.offerSignal(frame(1))
  await turn()
  queue.offerSignal(frame(1, 7))
  await turn()
  assert.equal(socket.messages.length, 1)
  timers.advance(50)
  assert.deepEqual(socket.messages[1], Uint8Array.of(7))
})

test('a socket that has become calm is written to at once again', async () => {
  const { socket, queue, timers } = await makeBusyQueue()
  timers.advance(199)
  queue.offerEvent(frame(1, 1))
  await turn()
  assert.deepEqual(socket.messages, [])
  timers.advance(50)
  timers.advance(200)
  queue.offerEvent(frame(1, 2))
  await turn()
  assert.deepEqual(socket.messages, [Uint8Array.of(1), Uint8Array.of(2)])
})

test('what is held leaves before a socket is closed, and nothing of it afterwards', async () => {
  const { socket, queue, flusher, timers } = await makeBusyQueue()
  queue.offerEvent(frame(1, 1))
  queue.flush()
  assert.deepEqual(socket.messages, [Uint8Array.of(1)])
  queue.offerEvent(frame(1, 2))
  queue.close()
  timers.advance(50)
  await turn()
  assert.equal(socket.messages.length, 1)
  assert.equal(flusher.waitingBytes, 0)
})

test('who waits for room, or lags because of what was held, goes on when it is released', async () => {
  const { queue, happened, flusher, timers } = await makeBusyQueue(steps)
  queue.offerEvent(frame(24))
  // Somebody else leaves so little of the budget that this is more than may wait now.
  flusher.account(1_000_000)
  assert.equal(queue.offerEvent(frame(1)), false)
  const room = queue.room()
  assert.deepEqual(happened, ['lagging'])
  flusher.account(-1_000_000)
  timers.advance(50)
  await room
  assert.deepEqual(happened, ['lagging', 'recovered'])
  assert.equal(queue.offerEvent(frame(1)), true)
})

test('where nothing is to be held, nothing is', async () => {
  const { socket, queue } = makeQueue(makeFlusher({ busyIntervalMs: 0 }))
  for (let event = 1; event <= 100; event++) {
    queue.offerEvent(frame(1))
    await turn()
    assert.equal(socket.messages.length, event)
  }
})

test('very many busy sockets are written to in several turns, each once', async () => {
  const timers = new ManualTimers()
  const flusher = makeFlusher({ steps: OUTBOUND_STEPS, busyIntervalMs: 50, timers })
  const made = Array.from({ length: 250 }, () => makeQueue(flusher))
  const offer = (times: number): void => {
    for (const { queue } of made)
      for (let event = 0; event < times; event++) queue.offerEvent(frame(1))
  }
  const written = (): number => made.filter(({ socket }) => socket.messages.length === 2).length
  offer(70)
  await turn()
  offer(1)
  timers.advance(50)
  assert.equal(written(), 100)
  // Held anew, for an interval of its own.
  made[0]?.queue.offerEvent(frame(1))
  await turn()
  assert.equal(written(), 200)
  await turn()
  assert.equal(written(), 250)
  timers.advance(50)
  assert.equal(made[0]?.socket.messages.length, 3)
  assert.equal(timers.waiting, 0)
})
