/** The room something visual takes in a conversation, as attributes of whatever fills it. */
export interface Frame {
  readonly class: string
  readonly style: Readonly<Record<string, string>>
}
