import type { OutboundFlusher } from './outbound-flusher.ts'
import { countedUntil } from './outbound-pace.ts'

/** What the queue needs of a WebSocket. */
export interface OutboundSocket {
  /** 1 = with the kernel, 0 = kept and going to be sent, 2 = dropped. */
  send(message: Uint8Array, isBinary: boolean): number
  getBufferedAmount(): number
}

/** What the queue tells its connection. */
export interface OutboundListener {
  /** Live events are being dropped. */
  lagging(): void
  /** What waited has been sent; whoever missed events can be told. */
  recovered(): void
  /** The socket takes too little, or something was dropped: it must go. */
  tooSlow(): void
}

const SENT = 1
const DROPPED = 2

/**
 * What is on its way to one socket. Frames gather during a turn of the event loop and leave together. While
 * a socket is busy its events and signals gather longer, since a write of ten costs hardly more than a write of one;
 * but what is pushed, an answer above all, leaves at once and takes along what waits, and so does what its user said.
 *
 * By the bytes that wait, first signals are dropped, then live events, then the socket: an event is
 * never sent after one was dropped, because from then on the session is lagging until it has drained.
 */
export class OutboundQueue {
  readonly #socket: OutboundSocket
  readonly #isBinary: boolean
  readonly #flusher: OutboundFlusher
  readonly #listener: OutboundListener
  #first: Uint8Array | undefined
  #rest: Uint8Array[] | undefined
  #gatheredBytes = 0
  #bufferedBytes = 0
  /** Events and signals since the last flush, and until when those before count. */
  #offered = 0
  #countedUntilMs = -Infinity
  #isScheduled = false
  #isHeld = false
  #isLagging = false
  #laggingSinceMs = 0
  #isClosed = false
  #roomWaiters: (() => void)[] | undefined

  constructor(
    socket: OutboundSocket,
    options: { readonly isBinary: boolean; readonly flusher: OutboundFlusher },
    listener: OutboundListener,
  ) {
    this.#socket = socket
    this.#isBinary = options.isBinary
    this.#flusher = options.flusher
    this.#listener = listener
  }

  get waitingBytes(): number {
    return this.#gatheredBytes + this.#bufferedBytes
  }

  get isLagging(): boolean {
    return this.#isLagging
  }

  /** What may not be dropped: answers, replays, what the session must know. */
  push(frame: Uint8Array): void {
    if (this.#isClosed) return
    if (this.waitingBytes > this.#flusher.steps.closeBytes) {
      this.#listener.tooSlow()
      return
    }
    this.#gather(frame)
    this.#schedule()
  }

  /** A live event. False: it was not taken, and neither is any other until the queue recovered. */
  offerEvent(frame: Uint8Array): boolean {
    const isTaken = this.#takesEvent()
    if (isTaken) this.#offer(frame)
    return isTaken
  }

  /** The same, of what this user said: its answer may have left, and the client waits for it. */
  offerOwnEvent(frame: Uint8Array): boolean {
    const isTaken = this.#takesEvent()
    if (isTaken) {
      this.#gather(frame)
      this.#schedule()
    }
    return isTaken
  }

  /** A signal: sent, or forgotten. */
  offerSignal(frame: Uint8Array): void {
    if (this.#isClosed || this.waitingBytes > this.#flusher.steps.signalsStopBytes) return
    this.#offer(frame)
  }

  /** Settles when little waits, or the socket is gone. */
  async room(): Promise<void> {
    if (this.#isClosed || this.waitingBytes <= this.#flusher.steps.signalsStopBytes) return
    await new Promise<void>((resolve) => (this.#roomWaiters ??= []).push(resolve))
  }

  /** Hands over what gathered. Called once per turn, and before the socket is closed. */
  flush(): void {
    this.#isScheduled = false
    const first = this.#first
    if (first === undefined || this.#isClosed) return
    const rest = this.#rest
    this.#first = undefined
    this.#rest = undefined
    this.#gatheredBytes = 0
    this.#countOffers()
    const isTaken = rest === undefined ? this.#send(first) : this.#sendJoined([first, ...rest])
    if (!isTaken || this.#bufferedBytes > this.#flusher.steps.closeBytes) this.#listener.tooSlow()
    else if (this.#isLagging || this.#roomWaiters !== undefined) this.#giveRoom()
  }

  /** Hands over what was held, unless that has left with something else. */
  release(): void {
    this.#isHeld = false
    this.flush()
  }

  /** The socket took some of what waited. */
  drained(): void {
    if (this.#isClosed) return
    this.#setBuffered(this.#socket.getBufferedAmount())
    this.#giveRoom()
  }

  /** Closes a session that has been lagging for too long; called by a timer. */
  checkLag(nowMs: number): void {
    if (this.#laggingSinceMs === 0) this.#laggingSinceMs = nowMs
    else if (nowMs - this.#laggingSinceMs >= this.#flusher.steps.lagTimeoutMs)
      this.#listener.tooSlow()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#first = undefined
    this.#rest = undefined
    this.#gatheredBytes = 0
    this.#setBuffered(0)
    this.#flusher.lagging.delete(this)
    this.#releaseWaiters()
  }

  #takesEvent(): boolean {
    if (this.#isLagging || this.#isClosed) return false
    if (this.#gatheredBytes + this.#bufferedBytes <= this.#flusher.steps.lagBytes) return true
    this.#isLagging = true
    this.#flusher.lagging.add(this)
    this.#listener.lagging()
    return false
  }

  #offer(frame: Uint8Array): void {
    this.#offered++
    this.#gather(frame)
    if (this.#isScheduled) return
    if (this.#mayHold()) this.#hold()
    else this.#schedule()
  }

  #gather(frame: Uint8Array): void {
    this.#gatheredBytes += frame.length
    // One frame in a turn is the common case: it costs no array.
    if (this.#first === undefined) this.#first = frame
    else if (this.#rest === undefined) this.#rest = [frame]
    else this.#rest.push(frame)
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#flusher.schedule(this)
  }

  #hold(): void {
    if (this.#isHeld) return
    this.#isHeld = true
    this.#flusher.hold(this)
  }

  /** Held while busy, but far below the first step: it is not to look like what a slow socket leaves. */
  #mayHold(): boolean {
    const flusher = this.#flusher
    if (!flusher.holds || this.waitingBytes >= flusher.steps.signalsStopBytes / 4) return false
    return this.#isHeld || this.#countedUntilMs > flusher.nowMs
  }

  #countOffers(): void {
    this.#countedUntilMs = countedUntil(this.#countedUntilMs, this.#offered, this.#flusher.nowMs)
    this.#offered = 0
  }

  /** As few WebSocket messages as hold these frames. */
  #sendJoined(frames: readonly Uint8Array[]): boolean {
    const { scratch } = this.#flusher
    let used = 0
    for (const frame of frames) {
      if (used > 0 && used + frame.length > scratch.length) {
        if (!this.#send(scratch.subarray(0, used))) return false
        used = 0
      }
      if (frame.length > scratch.length) {
        if (!this.#send(frame)) return false
      } else {
        scratch.set(frame, used)
        used += frame.length
      }
    }
    return used === 0 || this.#send(scratch.subarray(0, used))
  }

  #send(message: Uint8Array): boolean {
    this.#flusher.sent.add(message.length)
    const outcome = this.#socket.send(message, this.#isBinary)
    if (outcome === SENT) {
      if (this.#bufferedBytes !== 0) this.#setBuffered(0)
      return true
    }
    this.#setBuffered(this.#socket.getBufferedAmount())
    return outcome !== DROPPED
  }

  #setBuffered(bytes: number): void {
    if (bytes === this.#bufferedBytes) return
    this.#flusher.account(bytes - this.#bufferedBytes)
    this.#bufferedBytes = bytes
  }

  #giveRoom(): void {
    if (this.waitingBytes > this.#flusher.steps.signalsStopBytes) return
    if (this.#isLagging) {
      this.#isLagging = false
      this.#laggingSinceMs = 0
      this.#flusher.lagging.delete(this)
      this.#listener.recovered()
    }
    this.#releaseWaiters()
  }

  #releaseWaiters(): void {
    const waiters = this.#roomWaiters
    this.#roomWaiters = undefined
    for (const release of waiters ?? []) release()
  }
}
