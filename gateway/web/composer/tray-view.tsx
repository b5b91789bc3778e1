import { ProgressRing } from '../attachment/progress-ring.tsx'
import { Icon } from '../ui/icon.tsx'
import { describeError } from '../words/describe-error.ts'
import { describeSize } from '../words/describe-size.ts'
import type { Tray, TrayItem } from './tray.ts'

export function TrayView({ tray }: { readonly tray: Tray }) {
  if (tray.items.length === 0) return null
  return (
    <ul class="tray scrolls" aria-label="Attached files">
      {tray.items.map((item) => (
        <TrayItemView key={item.upload.id} item={item} tray={tray} />
      ))}
    </ul>
  )
}

function TrayItemView({ item, tray }: { readonly item: TrayItem; readonly tray: Tray }) {
  const { upload, preview } = item
  const { name, status, error } = upload
  const isPicture = preview !== undefined && status !== 'failed'
  return (
    <li class={`tray-item ${isPicture ? 'picture-item' : 'file-item'}`} title={name}>
      {isPicture ? (
        <>
          <img src={preview.url} alt={name} />
          <Progress item={item} />
        </>
      ) : (
        <FileWords item={item} />
      )}
      {status === 'failed' && error?.retryable === true && (
        <button
          type="button"
          class="icon-button small"
          aria-label={`Try again: ${name}`}
          onClick={() => upload.retry()}
        >
          <Icon name="retry" size={18} />
        </button>
      )}
      <button
        type="button"
        class="remove"
        aria-label={`Remove ${name}`}
        title="Remove"
        onClick={() => tray.remove(upload)}
      >
        <Icon name="close" />
      </button>
    </li>
  )
}

function isUnderWay({ upload: { status } }: TrayItem): boolean {
  return status === 'starting' || status === 'uploading'
}

function Progress({ item }: { readonly item: TrayItem }) {
  const { status, sentBytes, totalBytes, name } = item.upload
  if (!isUnderWay(item)) return null
  const done = status === 'starting' ? undefined : sentBytes / Math.max(totalBytes, 1)
  return <ProgressRing small done={done} label={`Sending ${name}`} />
}

function FileWords({ item }: { readonly item: TrayItem }) {
  const { upload } = item
  const hasFailed = upload.status === 'failed'
  return (
    <>
      {isUnderWay(item) ? <Progress item={item} /> : <Icon name={hasFailed ? 'warning' : 'file'} />}
      <span class="words">
        <span class="truncate">{upload.name}</span>
        <span class={`note ${hasFailed ? 'bad' : ''}`}>
          {hasFailed ? describeError(upload.error) : describeSize(upload.totalBytes)}
        </span>
      </span>
    </>
  )
}
