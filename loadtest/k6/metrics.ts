import { Counter, Rate, Trend } from 'k6/metrics'

const isTime = true

/** From when a message was to be sent until another member has it. */
export const deliveryMs = new Trend('satchel_delivery_ms', isTime)
/** Of all deliveries that were due, those that came. */
export const delivered = new Rate('satchel_delivered')
/** From asking to begin an upload until its plan is there. */
export const beginMs = new Trend('satchel_begin_ms', isTime)
/** From the first byte of a file until the server has confirmed that it is complete. */
export const uploadMs = new Trend('satchel_upload_ms', isTime)
/** From then until another member is told that the file is ready. */
export const readyMs = new Trend('satchel_ready_ms', isTime)
/** From asking for a page of history until it is there. */
export const historyMs = new Trend('satchel_history_ms', isTime)
/** Groups, uploaders and readers that something unexpected ended. */
export const failed = new Counter('satchel_failed')
