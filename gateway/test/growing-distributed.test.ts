import { test } from 'node:test'
import { openDistributedCluster } from './distributed-cluster.ts'
import { growAndShrink } from './growing-group.ts'

test('on real servers, too: 250, 300, 190 members, and everybody gets what is for them', async (context) => {
  const cluster = await openDistributedCluster(context)
  if (cluster !== undefined) await growAndShrink(cluster)
})
