/** Under which descriptor a child finds the pipe to its parent: output of what it runs goes elsewhere. */
export const CHANNEL_DESCRIPTOR = 3
