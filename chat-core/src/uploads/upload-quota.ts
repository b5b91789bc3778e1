import { ChatError, type ErrorCode, type UserId } from '@satchel/protocol'
import type { WindowRule } from '../ports/quota-windows.ts'
import type { UploadDeps } from './upload-deps.ts'

type QuotaDeps = Pick<UploadDeps, 'quotas' | 'settings' | 'enforceQuotas'>

const DAY_MS = 24 * 60 * 60 * 1_000
const UNCERTAIN: ReadonlySet<ErrorCode> = new Set(['unavailable', 'retry', 'internal'])

/**
 * Counts a file and its bytes for whoever uploads it. Rejects with `quota_exceeded`, and has taken nothing
 * then: what was counted first is given back when the other is refused.
 */
export async function takeQuota(deps: QuotaDeps, userId: UserId, sizeBytes: number): Promise<void> {
  if (!deps.enforceQuotas) return
  const { files, bytes } = rulesOf(deps)
  await take(deps, filesKey(userId), 1, files, `${userId} may upload ${files.limit} files per day`)
  try {
    const message = `${userId} may upload ${bytes.limit} bytes per day`
    await take(deps, bytesKey(userId), sizeBytes, bytes, message)
  } catch (error) {
    await deps.quotas.refund(filesKey(userId), 1, files)
    throw error
  }
}

/** Gives back what an upload took that came to nothing. */
export async function refundQuota(
  deps: QuotaDeps,
  userId: UserId,
  sizeBytes: number,
): Promise<void> {
  if (!deps.enforceQuotas) return
  const { files, bytes } = rulesOf(deps)
  await deps.quotas.refund(filesKey(userId), 1, files)
  await deps.quotas.refund(bytesKey(userId), sizeBytes, bytes)
}

/** Whether it is certain that nothing came of it: after any other failure the upload may be there. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ChatError && !UNCERTAIN.has(error.code)
}

async function take(
  { quotas }: Pick<QuotaDeps, 'quotas'>,
  key: string,
  amount: number,
  rule: WindowRule,
  message: string,
): Promise<void> {
  const verdict = await quotas.take(key, amount, rule)
  if (verdict.allowed) return
  const { remaining, retryAfterMs } = verdict
  throw new ChatError('quota_exceeded', message, { limit: rule.limit, remaining, retryAfterMs })
}

function rulesOf({ settings }: Pick<QuotaDeps, 'settings'>): {
  readonly files: WindowRule
  readonly bytes: WindowRule
} {
  return {
    files: { limit: settings.filesPerUserAndDay, windowMs: DAY_MS },
    bytes: { limit: settings.bytesPerUserAndDay, windowMs: DAY_MS },
  }
}

function filesKey(userId: UserId): string {
  return `upload-files:${userId}`
}

function bytesKey(userId: UserId): string {
  return `upload-bytes:${userId}`
}
