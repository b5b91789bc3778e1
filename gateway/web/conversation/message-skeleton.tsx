/** What stands where messages will be. */
export function MessageSkeleton() {
  return (
    <div class="message-skeleton" role="status" aria-label="Loading messages">
      {Array.from({ length: 7 }, (_, index) => (
        <div key={index} class="skeleton" />
      ))}
    </div>
  )
}
