import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InboxEntry } from '@satchel/client'
import { rightsIn, type Rights } from '../../web/conversation/rights-in.ts'

/** What is offered, in words. */
function offered(
  kind: 'direct' | 'group',
  role: InboxEntry['role'],
  settings: InboxEntry['settings'] = {},
): string {
  const rights = rightsIn({ kind, entry: entryWith({ role, settings }) })
  const names: readonly (keyof Rights)[] = ['mayManage', 'mayAdd', 'mayPin']
  return names.filter((name) => rights[name]).join(' ')
}

function entryWith(fields: Pick<InboxEntry, 'role' | 'settings'>): InboxEntry {
  return fields as InboxEntry
}

test('what is offered is what the rules allow', () => {
  for (const role of ['owner', 'admin'] as const)
    assert.equal(offered('group', role), 'mayManage mayAdd mayPin')
  assert.equal(offered('group', 'member'), '')
  assert.equal(offered('group', 'member', { membersCanAdd: true }), 'mayAdd')
  assert.equal(offered('group', 'member', { membersCanPin: true }), 'mayPin')
  assert.equal(offered('direct', 'member'), 'mayPin')
  assert.equal(offered('group', undefined, { membersCanPin: true }), '')
  assert.deepEqual(rightsIn({ kind: 'direct', entry: undefined }).mayPin, false)
})
