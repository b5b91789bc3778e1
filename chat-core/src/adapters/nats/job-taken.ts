import { NatsError } from 'nats'

const TAKEN_ALREADY = 'maximum messages per subject exceeded'

/** The stream has a message of the subject: the job of this id is there. */
export function isTakenAlready(error: unknown): boolean {
  return error instanceof NatsError && error.api_error?.description === TAKEN_ALREADY
}
