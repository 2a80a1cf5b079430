-- Removes a node that is being stopped. If no other node is alive, marks the log as clean. No node shows an entry after that,
-- so a run that has the mark in its append-only file has all shown entries. If the node has the lease, another node gets it at
-- once.
--
-- ARGV: node, run
-- Returns 1, or 0 if Redis is in another run and nothing was changed.

local node, run = ARGV[1], ARGV[2]

if redis.call('HGET', KEYS[1], 'run') ~= run then
  return 0
end
local own = redis.call('HGET', base .. 'nodes', node)
redis.call('HDEL', base .. 'batches', node, node .. ':latest')
redis.call('HDEL', base .. 'nodes', node)
if redis.call('GET', base .. 'lease') == node then
  redis.call('DEL', base .. 'lease')
end
if own and #alive_nodes(beat_millis(own)) == 0 then
  redis.call('DEL', base .. 'nodes') -- removes nodes that were killed earlier
  redis.call('HSET', KEYS[1], 'clean', '1')
end
return 1
