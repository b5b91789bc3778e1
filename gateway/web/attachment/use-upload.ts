import type { Upload } from '@satchel/client'
import { useSession } from '../session/session-context.ts'
import { useChange } from '../ui/use-change.ts'

/** The upload of an own attachment, if it is under way here; renders again as it goes on. */
export function useUpload(attachmentId: string, isOwn: boolean): Upload | undefined {
  const { chat } = useSession()
  const upload = isOwn ? chat.findUpload(attachmentId) : undefined
  useChange(upload)
  return upload
}
