import { createCentrifugo, createCentrifugoRedis } from './create-centrifugo.ts'
import {
  createSatchel,
  createSatchelDistributed,
  createSocketIo,
  createSocketIoRedis,
  type TargetsOptions,
} from './create-targets.ts'
import { runRows, type BenchResult } from './run-bench.ts'

export interface CompareOptions extends TargetsOptions {
  /** A short run: not for figures. */
  readonly quick: boolean
  readonly messagesPerSecond: number
  /** Its program; left out without. */
  readonly centrifugo?: string | undefined
}

/** The same load, in groups of 10, on Satchel and on what else one could take, in turn. */
export function compareWithPeers(options: CompareOptions): Promise<BenchResult['rows']> {
  const { messagesPerSecond, quick, centrifugo } = options
  const workload = {
    groupSize: 10,
    messagesPerSecond,
    seconds: quick ? 6 : 20,
    // A Java server compiles for minutes; and more than this several processes on two cores fall behind with.
    warmUpSeconds: quick ? 5 : 60,
    warmUpMessagesPerSecond: messagesPerSecond / 2,
  }
  const name = `groups of ${workload.groupSize}, ${messagesPerSecond}/s`
  return runRows(options, { [name]: workload }, [
    createSatchel,
    createSatchelDistributed,
    createSocketIo,
    createSocketIoRedis,
    ...(centrifugo === undefined
      ? []
      : [createCentrifugo(centrifugo), createCentrifugoRedis(centrifugo)]),
  ])
}
