import type { Seat } from './seat.ts'

/** Says where the conversation stands: a client that is told nothing else compares it with what it has, if anything. */
export function tellHead({ session, audience }: Pick<Seat, 'session' | 'audience'>): void {
  const { conversationId, head } = audience
  session.connection.send({ type: 'heads', heads: [{ conversationId, ...head }] })
}
