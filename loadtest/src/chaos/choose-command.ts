import type { ConversationId, RequestedCommand, UserId } from '@satchel/protocol'
import { directConversationId } from '../client/direct-conversation-id.ts'
import type { Follower } from '../client/follower.ts'
import type { Destination, LoadDevice } from '../client/load-device.ts'
import { markedText } from '../event-trace.ts'
import type { Random } from '../random.ts'

/** A command that is about to be asked for: where it goes, and what it says once it has its key. */
export interface ChosenCommand {
  readonly destination: Destination
  readonly build: (key: string) => RequestedCommand
}

interface Choice {
  readonly random: Random
  readonly device: LoadDevice
  readonly conversationId: ConversationId
  readonly follower: Follower
  readonly everybody: readonly UserId[]
}

type Build = ChosenCommand['build']

const EMOJI = ['👍', '🎉', '😂', '❤️', '🚀'] as const
const WORDS = 'a message of quite ordinary length that goes on and on for a while and then ends'

/** How often each kind comes, out of the sum of all; what is not possible becomes a message. */
const KINDS: readonly (readonly [number, (choice: Choice) => Build | undefined])[] = [
  [640, send],
  [80, edit],
  [40, remove],
  [110, react],
  [15, pin],
  [30, addMember],
  [20, removeMember],
  [5, leave],
  [10, retitle],
  [5, mute],
  [10, editOfSomebodyElse],
]
const TOTAL = KINDS.reduce((sum, [weight]) => sum + weight, 0)
const DIRECT_PROBABILITY = 0.06

/** Draws what a device does next; `undefined` when it is in no conversation yet. */
export function chooseCommand(
  random: Random,
  device: LoadDevice,
  everybody: readonly UserId[],
): ChosenCommand | undefined {
  if (random.chance(DIRECT_PROBABILITY)) {
    const to = random.pick(everybody.filter((userId) => userId !== device.userId))
    if (to === undefined) return undefined
    const conversationId = directConversationId(device.userId, to)
    return { destination: { conversationId, to }, build: messageOf(random) }
  }
  const known = random.pick([...device.followers])
  if (known === undefined) return undefined
  const [conversationId, follower] = known
  const choice = { random, device, conversationId, follower, everybody }
  let ticket = random.next() * TOTAL
  const [, kind] = KINDS.find(([weight]) => (ticket -= weight) < 0) ?? [0, send]
  return { destination: { conversationId }, build: kind(choice) ?? messageOf(random) }
}

function messageOf(random: Random): Build {
  const words = WORDS.slice(0, random.between(10, WORDS.length))
  return (key) => ({ kind: 'send_message', text: markedText(key, words) })
}

function send({ random, follower }: Choice): Build {
  const words = WORDS.slice(0, random.between(10, WORDS.length))
  const replyTo = random.chance(0.1) ? random.pick(follower.messages) : undefined
  const mentioned = random.chance(0.1) ? random.pick([...follower.members]) : undefined
  return (key) => ({
    kind: 'send_message',
    text: markedText(key, words),
    replyTo,
    mentions: mentioned === undefined ? undefined : [mentioned],
    silent: random.chance(0.05) ? true : undefined,
  })
}

function edit({ random, follower }: Choice): Build | undefined {
  return editOf(random.pick(follower.ownMessages))
}

/** To be refused, unless it happens to be one's own. */
function editOfSomebodyElse({ random, follower }: Choice): Build | undefined {
  return editOf(random.pick(follower.messages))
}

function editOf(target: number | undefined): Build | undefined {
  if (target === undefined) return undefined
  return (key) => ({ kind: 'edit_message', target, text: markedText(key, 'said better') })
}

function remove({ random, follower }: Choice): Build | undefined {
  const target = random.pick(follower.ownMessages)
  return target === undefined ? undefined : () => ({ kind: 'delete_message', target })
}

function react({ random, follower }: Choice): Build | undefined {
  const target = random.pick(follower.messages)
  const emoji = random.pick(EMOJI)
  if (target === undefined || emoji === undefined) return undefined
  const removed = random.chance(0.3) ? true : undefined
  return () => ({ kind: 'react', target, emoji, removed })
}

function pin({ random, follower }: Choice): Build | undefined {
  const target = random.pick(follower.messages)
  if (target === undefined) return undefined
  const kind = random.chance(0.5) ? 'pin_message' : 'unpin_message'
  return () => ({ kind, target })
}

function addMember({ random, device, follower, everybody }: Choice): Build | undefined {
  if (follower.creatorId !== device.userId) return undefined
  const userId = random.pick(everybody)
  return userId === undefined ? undefined : () => ({ kind: 'add_members', userIds: [userId] })
}

function removeMember({ random, device, follower }: Choice): Build | undefined {
  if (follower.creatorId !== device.userId) return undefined
  // The creator stays: somebody has to be able to read it all in the end.
  const userId = random.pick([...follower.members].filter((one) => one !== device.userId))
  return userId === undefined ? undefined : () => ({ kind: 'remove_member', userId })
}

function leave({ device, follower }: Choice): Build | undefined {
  if (follower.creatorId === undefined || follower.creatorId === device.userId) return undefined
  return () => ({ kind: 'leave_conversation' })
}

function retitle({ device, follower }: Choice): Build | undefined {
  if (follower.creatorId !== device.userId) return undefined
  return (key) => ({ kind: 'update_conversation', title: `Title of ${key}` })
}

function mute({ random }: Choice): Build {
  const mutedUntilMs = random.between(1, 1_000_000)
  return () => ({ kind: 'set_member_settings', mutedUntilMs })
}
