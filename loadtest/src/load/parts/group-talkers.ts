import { BenchRecorder } from '../../bench/bench-recorder.ts'
import type { BenchConnection } from '../../bench/bench-target.ts'
import { connectUsers } from '../../bench/connect-users.ts'
import { groupsReady } from '../../bench/groups-ready.ts'
import { createSatchelTarget } from '../../bench/targets/satchel-target.ts'
import { delay } from '../../chaos/deadlines.ts'
import { runOpenLoop, type Act } from '../../open-loop.ts'
import type { PeopleShare } from '../divide-people.ts'

export interface Talk {
  readonly messagesPerSecond: number
  readonly seconds: number
}

export interface TalkResult {
  readonly sent: number
  readonly delivered: number
  readonly expected: number
  readonly failures: number
  /** From the intended time of sending to each delivery. */
  readonly latencies: string
}

const DRAIN_DEADLINE_MS = 10_000
const POLL_MS = 20

/** People in groups, each of whom says something in their turn. */
export class GroupTalkers {
  readonly #share: PeopleShare
  readonly #recorder = new BenchRecorder()
  #connections: readonly BenchConnection[] = []
  #groupSize = 1
  #send: Act | undefined

  constructor(share: PeopleShare) {
    this.#share = share
  }

  /** Connects them all and makes their groups. */
  async prepare(groupSize: number): Promise<void> {
    const { firstUser, users, ports, tokenSecret } = this.#share
    const portOf = (user: number): number => ports[user % ports.length] ?? 0
    const servers = { start: nothing, stop: nothing, processes: () => [] }
    const target = createSatchelTarget({ name: 'Satchel', servers, portOf }, () => tokenSecret)
    this.#connections = await connectUsers(target, this.#recorder, firstUser, users)
    this.#groupSize = groupSize
    this.#send = await groupsReady(target, this.#connections, groupSize, firstUser)
  }

  /** Settles when everybody has everything, or does not get it. */
  async talk({ messagesPerSecond, seconds }: Talk): Promise<TalkResult> {
    if (this.#send === undefined) throw new Error('there are no groups to talk in')
    const recorder = this.#recorder
    recorder.begin(performance.now())
    const sent = await runOpenLoop(messagesPerSecond, seconds, this.#send)
    const expected = sent * this.#groupSize
    const endMs = performance.now() + DRAIN_DEADLINE_MS
    while (recorder.delivered < expected && performance.now() < endMs) await delay(POLL_MS)
    const { delivered, failures, latencies } = recorder
    return { sent, delivered, expected, failures, latencies: latencies.toText() }
  }
}

function nothing(): Promise<void> {
  return Promise.resolve()
}
