import { randomBytes } from 'node:crypto'
import { TIMES } from '@satchel/protocol'
import { createTimers } from './runtime/timers.ts'
import { stampReaction } from './queries/stamp-reaction.ts'
import { CommandSubmitter, type CommandSubmitterDeps } from './command-submitter.ts'
import { stampAttachments } from './uploads/stamp-attachments.ts'

type SubmitterPorts = Pick<CommandSubmitterDeps, 'commandLog'> &
  Parameters<typeof stampAttachments>[0] &
  Parameters<typeof stampReaction>[0]

/** Twice as long as a client waits before it sends a command again. */
const ANSWER_WITHIN_MS = 2 * TIMES.resendAfterMs

/** The way in for the commands of one process, which hears their answers on the bus as `gatewayId`. */
export function createSubmitter(ports: SubmitterPorts, gatewayId: string): CommandSubmitter {
  return new CommandSubmitter({
    commandLog: ports.commandLog,
    timers: createTimers(),
    gatewayId,
    bootId: randomBytes(6).toString('hex'),
    stampAttachments: (...asked) => stampAttachments(ports, ...asked),
    stampReaction: (...asked) => stampReaction(ports, ...asked),
    times: { acceptedAfterMs: TIMES.acceptedAfterMs, answerWithinMs: ANSWER_WITHIN_MS },
  })
}
