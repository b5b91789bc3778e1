import type { UserId } from '@satchel/protocol'
import { partitionOf } from '../../domain/partition-of.ts'
import type { Members } from '../../ports/members.ts'
import type { OwnerRequests } from '../../ports/owner-requests.ts'
import { MAX_MEMBERS_ASKED } from './owner-question.ts'

export interface NatsMembersOptions {
  readonly requests: Pick<OwnerRequests, 'ask'>
  /** Of the command log. */
  readonly partitions: number
}

type MemberOfList = Awaited<ReturnType<Members['list']>>[number]

/** Conversations' rows as their owners hold them: nobody else may read what is stored of them. */
export function openNatsMembers({ requests, partitions }: NatsMembersOptions): Members {
  return {
    async overview(conversationId) {
      const partition = partitionOf(conversationId, partitions)
      const [overview] = await requests.ask(partition, [{ ask: 'overview', conversationId }])
      return overview
    },
    async membership(conversationId, userId) {
      // Answers of one request are each as new as the one before, or newer.
      const [overview, member] = await requests.ask(partitionOf(conversationId, partitions), [
        { ask: 'overview', conversationId },
        { ask: 'member', conversationId, userId },
      ])
      return overview === undefined ? undefined : { overview, member }
    },
    async read(conversationId, userId) {
      const partition = partitionOf(conversationId, partitions)
      const [member] = await requests.ask(partition, [{ ask: 'member', conversationId, userId }])
      return member
    },
    async list(conversationId, options) {
      const partition = partitionOf(conversationId, partitions)
      const members: MemberOfList[] = []
      let after: UserId | undefined = options.after
      for (;;) {
        const limit = Math.min(options.limit - members.length, MAX_MEMBERS_ASKED)
        if (limit <= 0) return members
        const question = { ask: 'members', conversationId, after, limit } as const
        const [page] = await requests.ask(partition, [question])
        members.push(...page)
        if (page.length < limit) return members
        after = page.at(-1)?.userId
      }
    },
  }
}
