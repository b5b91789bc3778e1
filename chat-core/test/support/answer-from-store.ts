import type { ConversationRow } from '../../src/domain/conversation-state.ts'
import type { ConversationStore } from '../../src/ports/conversation-store.ts'
import type { AnswerQuestions, OwnerAnswer, OwnerQuestion } from '../../src/ports/owner-requests.ts'

/** Answers as an owner does that has committed everything it was told of. */
export function answerFromStore(store: Pick<ConversationStore, 'read'>): AnswerQuestions {
  return async (questions) => {
    const answers: OwnerAnswer[] = []
    for (const question of questions) {
      const stored = await store.read(question.conversationId)
      answers.push(answerFrom(stored?.rows ?? [], question))
    }
    return answers
  }
}

function answerFrom(rows: readonly ConversationRow[], question: OwnerQuestion): OwnerAnswer {
  const head = rows.find((row) => row.row === 'head')?.value
  const members = rows.flatMap((row) =>
    row.row === 'member' && row.value !== undefined ? [{ userId: row.userId, ...row.value }] : [],
  )
  switch (question.ask) {
    case 'head':
      return head
    case 'overview':
      return head && { head, details: detailsOf(rows), pins: pinsOf(rows) }
    case 'member': {
      const found = members.find(({ userId }) => userId === question.userId)
      return found && { role: found.role, joinedSeq: found.joinedSeq, settings: found.settings }
    }
    case 'members': {
      const { after = '', limit } = question
      return members
        .filter(({ userId }) => userId > after)
        .sort((a, b) => (a.userId < b.userId ? -1 : 1))
        .slice(0, limit)
    }
    default:
      return question satisfies never
  }
}

function detailsOf(rows: readonly ConversationRow[]) {
  return rows.find((row) => row.row === 'details')?.value ?? {}
}

function pinsOf(rows: readonly ConversationRow[]) {
  return rows.find((row) => row.row === 'pins')?.value ?? []
}
