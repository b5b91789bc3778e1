import type {
  ChatError,
  CloseName,
  RequestName,
  ResultOf,
  ServerFrame,
  WireForm,
} from '@satchel/protocol'
import type { OutboundQueue } from './outbound-queue.ts'
import type { SharedFrame } from './shared-frame.ts'

/** What a session and its seats need of their connection. */
export interface SessionConnection {
  readonly form: WireForm
  readonly outbound: OutboundQueue
  readonly isClosed: boolean
  /** A frame for this connection alone. */
  send(frame: ServerFrame): void
  answer<Name extends RequestName>(requestId: number, name: Name, value: ResultOf<Name>): void
  refuse(requestId: number, error: ChatError): void
  sendSignal(frame: SharedFrame): void
  /** Says why, behind everything that was sent before. */
  close(name: CloseName): void
}
