/** What stands where conversations will be. */
export function InboxSkeleton() {
  return (
    <div role="status" aria-label="Loading conversations">
      {Array.from({ length: 6 }, (_, index) => (
        <div key={index} class="inbox-skeleton">
          <div class="skeleton" />
          <div class="lines">
            <div class="skeleton" />
            <div class="skeleton" />
          </div>
        </div>
      ))}
    </div>
  )
}
