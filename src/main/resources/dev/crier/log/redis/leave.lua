-- Removes a node that stops in order. If no other node is alive, the log is clean: then no subscriber has seen an
-- entry that the next process of Redis could lack.
--
-- ARGV: node, run

local node, run = ARGV[1], ARGV[2]

if redis.call('HGET', KEYS[1], 'run') ~= run then
  return 0
end
local own = redis.call('HGET', base .. 'nodes', node)
redis.call('HDEL', base .. 'batches', node, node .. ':latest')
redis.call('HDEL', base .. 'nodes', node)
if own and #alive_nodes(beat_millis(own)) == 0 then
  redis.call('DEL', base .. 'nodes') -- those that were killed long before
  redis.call('HSET', KEYS[1], 'clean', '1')
end
return 1
