/** Part of every variant's address: raised when variants come out differently. */
export const PIPELINE_VERSION = 3
