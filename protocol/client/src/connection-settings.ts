import type { DeviceId, RequestFrameOf, WireForm } from '@satchel/protocol'
import type { Clock } from './clock.ts'
import type { OpenWebSocket } from './web-socket.ts'

export interface ConnectionSettings {
  readonly url: string
  readonly form: WireForm
  readonly deviceId: DeviceId
  readonly getToken: () => Promise<string> | string
  /** Where this client's conversations stand, for `hello`. */
  readonly listHeads: () => RequestFrameOf<'hello'>['heads']
  readonly clock: Clock
  readonly random: () => number
  readonly openWebSocket: OpenWebSocket
}
