-- Records that a node is alive, and the newest id that it has shown.
--
-- ARGV: node, epoch, run, newest id that the node has shown, now
-- Returns the newest id of the log.

local node, epoch, run, shown, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local log = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'newest', 'millis')
if log[1] ~= epoch or log[2] ~= run or is_before(log[3], shown) then
  return redis.error_reply('EPOCH Redis was restarted or has lost entries')
end

if redis.call('HEXISTS', base .. 'nodes', node) == 0 then
  return redis.error_reply('EPOCH the node has left')
end

-- The clock of a node may be late, for example after its machine was suspended. The node counts as alive all the same.
local millis = math.max(tonumber(now), tonumber(log[4]))
local text = string.format('%.0f', millis)
redis.call('HSET', base .. 'nodes', node, text .. ' ' .. shown)
redis.call('HSET', KEYS[1], 'millis', text, 'ahead', string.format('%.0f', redis_millis() - millis))
return log[3]
