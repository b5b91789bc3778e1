import { useState } from 'preact/hooks'
import { ProgressRing } from '../attachment/progress-ring.tsx'
import { Icon } from '../ui/icon.tsx'
import { describeError } from '../words/describe-error.ts'
import { describeSize } from '../words/describe-size.ts'
import { FileWordsDialog } from './file-words-dialog.tsx'
import type { Tray, TrayItem } from './tray.ts'

export function TrayView({ tray }: { readonly tray: Tray }) {
  const [describedId, setDescribedId] = useState<string | undefined>()
  const described = tray.items.find(({ upload }) => upload.id === describedId)
  if (tray.items.length === 0) return null
  return (
    <>
      <ul class="tray scrolls" aria-label="Attached files">
        {tray.items.map((item) => (
          <TrayItemView
            key={item.upload.id}
            item={item}
            tray={tray}
            onDescribe={() => setDescribedId(item.upload.id)}
          />
        ))}
      </ul>
      {described !== undefined && (
        <FileWordsDialog
          item={described}
          onChange={(words) => tray.describe(described.upload, words)}
          onClose={() => setDescribedId(undefined)}
        />
      )}
    </>
  )
}

interface TrayItemViewProps {
  readonly item: TrayItem
  readonly tray: Tray
  readonly onDescribe: () => void
}

function TrayItemView({ item, tray, onDescribe }: TrayItemViewProps) {
  const { upload, preview } = item
  const { name, status, error } = upload
  const isPicture = preview !== undefined && status !== 'failed'
  const kind = isPicture ? 'picture-item' : 'file-item'
  const isDescribed = Object.values(item.words).some((word) => word !== undefined)
  return (
    <li class={`tray-item ${kind} ${isDescribed ? 'described' : ''}`} title={name}>
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
      {status !== 'failed' && (
        <button
          type="button"
          class="describe"
          aria-label={`Describe ${name}`}
          title="Caption, description, hiding"
          onClick={onDescribe}
        >
          <Icon name={item.words.spoiler === true ? 'hidden' : 'edit'} />
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
