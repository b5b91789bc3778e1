/** Part of every variant's address: raised when variants show or keep something else; a smaller file is no reason. */
export const PIPELINE_VERSION = 3
