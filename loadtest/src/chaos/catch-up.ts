import type { ConversationId, Seq } from '@satchel/protocol'
import { staysOf } from '../checks/check-reader.ts'
import type { LoadDevice } from '../client/load-device.ts'
import type { History, Journal } from '../journal.ts'
import { delay } from './deadlines.ts'

const QUIET_MS = 4_000
const CATCH_UP_DEADLINE_MS = 30_000
const ASK_MS = 500
const POLL_MS = 50

/** Waits for everybody to have everything. Gives the number of readers who had to ask for it. */
export async function catchUp(
  devices: readonly LoadDevice[],
  histories: readonly History[],
  now: () => number,
): Promise<number> {
  const wanted = devices.map((device) => ({ device, heads: headsOf(device.journal, histories) }))
  const quietEnd = now() + QUIET_MS
  const behind = () =>
    wanted.filter(({ device, heads }) =>
      [...heads].some(([id, seq]) => (device.followers.get(id)?.last ?? 0) < seq),
    )
  while (now() < quietEnd && behind().length > 0) await delay(POLL_MS)
  const stragglers = behind().length
  const end = now() + CATCH_UP_DEADLINE_MS
  while (now() < end) {
    if (behind().every(({ device, heads }) => device.catchUp(heads))) break
    await delay(ASK_MS)
  }
  return stragglers
}

function headsOf(
  journal: Journal,
  histories: readonly History[],
): ReadonlyMap<ConversationId, Seq> {
  const heads = new Map<ConversationId, Seq>()
  for (const history of histories) {
    const stay = staysOf(history, journal.userId).at(-1)
    if (stay !== undefined && stay.end === undefined)
      heads.set(history.conversationId, history.head.seq)
  }
  return heads
}
