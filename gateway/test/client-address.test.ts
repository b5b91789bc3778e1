import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientAddress, networkOf, trustedNetworks } from '../src/limits/client-address.ts'

test('the last address that no trusted proxy wrote for another is the client', () => {
  const trusted = trustedNetworks(['10.0.0.0/8', '::1'])
  assert.equal(clientAddress(trusted, '203.0.113.5', '198.51.100.7'), '203.0.113.5')
  assert.equal(clientAddress(trusted, '10.0.0.1', '192.0.2.1, 198.51.100.7'), '198.51.100.7')
  assert.equal(clientAddress(trusted, '10.0.0.1', '198.51.100.7,10.0.0.2'), '198.51.100.7')
  assert.equal(clientAddress(trusted, '::ffff:10.0.0.1', 'nonsense'), '10.0.0.1')
})

test('all addresses of one IPv6 network count as one, IPv4 addresses by themselves', () => {
  assert.equal(networkOf('203.0.113.5'), '203.0.113.5')
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(networkOf('2001:db8:1:2::6'), networkOf('2001:db8:1:2:ffff::1'))
  assert.equal(networkOf('2001:db8::6'), '2001:db8:0:0::/64')
  assert.notEqual(networkOf('2001:db8:1:3::6'), networkOf('2001:db8:1:2::6'))
})
