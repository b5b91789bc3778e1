import type { CatalogueWalk } from '../../ports/catalogue-walk.ts'
import { parseBlobCell } from '../blob-cell.ts'
import { parseAttachmentRow, parseStoredAttachmentId } from '../cell-value.ts'
import { pages } from '../pages.ts'
import { afterPrefix } from './cell-key.ts'
import type { Cells, EmbeddedStore } from './embedded-store.ts'
import { idKey, idOfKey, pairKey } from './media-key.ts'

const PAGE = 100

/** The databases of the catalogues, by key. */
export function openEmbeddedCatalogueWalk(
  store: Pick<EmbeddedStore, 'openDatabase'>,
): CatalogueWalk {
  const attachments = store.openDatabase('attachments')
  const blobs = store.openDatabase('blobs')
  const references = store.openDatabase('blob-references')
  return {
    attachments: (after) =>
      pages(PAGE, (last) => {
        const id = last?.id ?? after
        return readPage(attachments, id && idKey(id), parseAttachmentRow)
      }),
    blobs: (after) =>
      pages(PAGE, (last) => {
        const key = last?.key ?? after
        return readPage(blobs, key && idKey(key), (bytes) => parseBlobCell(bytes).row)
      }),
    references(key) {
      const prefix = idKey(key)
      const end = afterPrefix(prefix)
      return pages(PAGE, (last) => {
        const start = last === undefined ? prefix : pairKey(prefix, idKey(last))
        const keys = references.getKeys({ start, end, exclusiveStart: true, limit: PAGE })
        return Array.from(keys, (found) => parseStoredAttachmentId(idOfKey(found)))
      })
    },
    isReferred: async (key, reference) =>
      references.get(pairKey(idKey(key), idKey(reference))) !== undefined,
  }
}

function readPage<Row>(
  cells: Cells,
  after: Buffer | undefined,
  parse: (bytes: Uint8Array) => Row,
): readonly Row[] {
  const range = cells.getRange({ start: after, exclusiveStart: after !== undefined, limit: PAGE })
  return Array.from(range, ({ value }) => parse(value))
}
