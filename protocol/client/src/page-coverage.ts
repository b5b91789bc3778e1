import type { EventPage, Seq } from '@satchel/protocol'

/** Which page was asked for; the newest when nothing is given. */
export interface PageRequest {
  readonly before?: Seq | undefined
  readonly after?: number | undefined
  readonly around?: Seq | undefined
}

/** The stretch of the conversation that a page holds, and whether there is nothing before it. */
export function coverageOf(
  { before, after, around }: PageRequest,
  { events, head, more }: EventPage,
): { readonly range?: { readonly from: Seq; readonly to: Seq }; readonly reachesStart: boolean } {
  const first = events[0]?.seq
  const last = events.at(-1)?.seq
  if (after !== undefined || around !== undefined) {
    const from = after === undefined ? first : after + 1
    if (from === undefined || last === undefined) return { reachesStart: false }
    return { range: { from, to: last }, reachesStart: false }
  }
  const to = before === undefined ? head.seq : before - 1
  const from = more ? first : 1
  if (from === undefined) return { reachesStart: false }
  if (from > to) return { reachesStart: !more }
  return { range: { from, to }, reachesStart: !more }
}
