import type { AttachmentFinding, Finding } from './finding.ts'

/** A finding as an operator reads it. */
export function describeFinding(finding: Finding): string {
  switch (finding.kind) {
    case 'object_without_row':
      return `${finding.key}: bytes that no blob leads to`
    case 'derived_without_blob':
      return `${finding.key}: made from a blob that is gone`
    case 'derived_of_former_pipeline':
      return `${finding.key}: made by a former pipeline, and of no more use`
    case 'mark_without_need':
      return `blob ${finding.blob}: marked as deleted, which it is not, or no longer needs`
    case 'blob_without_object':
      return `blob ${finding.blob}: its bytes are not in the bucket`
    case 'variant_without_object':
      return `blob ${finding.blob}: ${finding.key} is not in the bucket`
    case 'reference_without_attachment':
      return `blob ${finding.blob}: kept for attachment ${finding.attachment}, which does not have it`
    default:
      return describeAttachment(finding)
  }
}

function describeAttachment(finding: AttachmentFinding): string {
  switch (finding.kind) {
    case 'attachment_without_reference':
      return `attachment ${finding.attachment}: the blob ${finding.blob} does not know of it`
    case 'attachment_without_blob':
      return `attachment ${finding.attachment}: shown as ready, and its bytes are gone`
    case 'attachment_without_verdict':
      return `attachment ${finding.attachment}: complete, and still without a verdict`
    case 'attachment_without_hls':
      return `attachment ${finding.attachment}: due HLS, and still without`
    case 'attachment_failed':
      return `attachment ${finding.attachment}: could not be processed; \`retry\` has it judged once more`
    default:
      return finding satisfies never
  }
}
