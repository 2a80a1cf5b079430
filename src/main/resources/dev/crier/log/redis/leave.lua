-- Removes a node that stops in order. The last node leaves the log clean: no one else has shown anything.
--
-- ARGV: node, run

local node, run = ARGV[1], ARGV[2]

if redis.call('HGET', KEYS[1], 'run') == run then
  redis.call('HDEL', base .. 'nodes', node)
  redis.call('HDEL', base .. 'batches', node)
  if redis.call('HLEN', base .. 'nodes') == 0 then
    redis.call('HSET', KEYS[1], 'clean', '1')
  end
end
return 0
