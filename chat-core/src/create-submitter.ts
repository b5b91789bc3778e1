import { randomBytes } from 'node:crypto'
import { TIMES } from '@satchel/protocol'
import { stampReaction } from './queries/stamp-reaction.ts'
import { CommandSubmitter, type CommandSubmitterDeps } from './submit.ts'
import { stampAttachments } from './uploads/stamp-attachments.ts'

type SubmitterPorts = Pick<CommandSubmitterDeps, 'commandLog' | 'clock'> &
  Parameters<typeof stampAttachments>[0] &
  Parameters<typeof stampReaction>[0]

/** The way in for the commands of one process, which hears their answers on the bus as `gatewayId`. */
export function createSubmitter(ports: SubmitterPorts, gatewayId: string): CommandSubmitter {
  return new CommandSubmitter({
    commandLog: ports.commandLog,
    clock: ports.clock,
    gatewayId,
    bootId: randomBytes(6).toString('hex'),
    stampAttachments: (...asked) => stampAttachments(ports, ...asked),
    stampReaction: (...asked) => stampReaction(ports, ...asked),
    acceptedAfterMs: TIMES.acceptedAfterMs,
  })
}
