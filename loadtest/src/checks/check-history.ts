import type { Findings } from '../findings.ts'
import type { History } from '../journal.ts'

/** Seqs are 1 … head without a gap, and every event carries the number of messages up to it. */
export function checkHistory(history: History, findings: Findings): void {
  const { conversationId, head, events } = history
  let seq = 0
  let ordinal = 0
  for (const event of events) {
    if (event.seq !== seq + 1) {
      const missing = Math.max(1, event.seq - seq - 1)
      for (let index = 0; index < missing; index++)
        findings.report('holes', `${conversationId}: ${event.seq} follows ${seq} in the history`)
    }
    if (event.kind === 'message_sent') ordinal++
    if (event.ordinal !== ordinal) {
      const { ordinal: said } = event
      findings.report('holes', `${conversationId}/${event.seq} has ordinal ${said}, not ${ordinal}`)
    }
    ;({ seq, ordinal } = event)
  }
  if (head.seq !== seq || head.ordinal !== ordinal)
    findings.report(
      'holes',
      `${conversationId}: the head is ${head.seq} (${head.ordinal}), the last event ${seq} (${ordinal})`,
    )
}
