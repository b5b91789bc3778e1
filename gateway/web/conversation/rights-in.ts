import type { Conversation } from '@satchel/client'

export interface Rights {
  /** Not between two people. */
  readonly isShared: boolean
  readonly mayManage: boolean
  readonly mayAdd: boolean
  readonly mayPin: boolean
}

const NONE: Rights = { isShared: true, mayManage: false, mayAdd: false, mayPin: false }

/** What to offer; the server decides. */
export function rightsIn({ kind, entry }: Pick<Conversation, 'kind' | 'entry'>): Rights {
  if (kind === 'direct') return { ...NONE, isShared: false, mayPin: entry?.role !== undefined }
  if (entry?.role === undefined) return NONE
  const mayManage = entry.role !== 'member'
  const { membersCanAdd, membersCanPin } = entry.settings ?? {}
  return {
    isShared: true,
    mayManage,
    mayAdd: mayManage || membersCanAdd === true,
    mayPin: mayManage || membersCanPin === true,
  }
}
