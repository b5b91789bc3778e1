import { Icon } from '../ui/icon.tsx'

export function DropZone({ title }: { readonly title: string }) {
  return (
    <div class="drop-zone" aria-hidden="true">
      <div>
        <Icon name="image" size={36} />
        Drop to attach to {title}
      </div>
    </div>
  )
}
