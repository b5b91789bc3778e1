import { useState } from 'preact/hooks'
import type { Place } from '../session/place.ts'
import { useSession } from '../session/session-context.ts'
import { describeError } from '../words/describe-error.ts'
import { listWords } from '../words/list-words.ts'

interface CreateInput {
  readonly chosen: readonly string[]
  /** Trimmed; empty when there is none. */
  readonly title: string
  readonly onCreated: (place: Place) => void
}

/** Makes a group, or opens the conversation with the only person who is chosen. */
export function useCreateConversation({ chosen, title, onCreated }: CreateInput): {
  readonly isGroup: boolean
  readonly isBusy: boolean
  readonly problem: string | undefined
  readonly create: () => void
} {
  const { chat, names } = useSession()
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | undefined>()
  const [only] = chosen
  const isGroup = chosen.length > 1 || title !== ''

  const createGroup = async (): Promise<void> => {
    const suggested = listWords(chosen.map((id) => names.nameOf(id)))
    const wanted = { title: title === '' ? suggested : title, memberIds: chosen }
    const { id } = await chat.createConversation({ kind: 'group', ...wanted })
    if (id !== undefined) onCreated({ conversationId: id })
  }
  const create = (): void => {
    if (!isGroup) {
      if (only !== undefined) onCreated({ peerId: only })
      return
    }
    setBusy(true)
    createGroup().catch((error: unknown) => {
      setProblem(describeError(error))
      setBusy(false)
    })
  }
  return { isGroup, isBusy, problem, create }
}
