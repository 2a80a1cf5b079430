-- Takes one small step of dropping what retention does not keep, if the node has the lease.
--
-- ARGV: node, now, time before which receipts are dropped, newest id that the node has shown, number of empty channels to
--   remember, and for each channel: its name, the number of events that it keeps, and the time before which its events are
--   dropped, or 0
-- Returns '' without the lease, 'more' if there is more to do, or 'done'.

local node, now, receipts_millis, shown, max_empty = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local lease_millis = 5000
local recent_millis = 300000 -- batches stay in the stream for five minutes, for nodes that reconnect
local max_dropped = 10000 -- from one channel
local max_receipts = 1000
local max_forgotten = 200
local dead_millis = 3600000 -- a node without a beat for an hour is forgotten

-- A lease ends when it expires or when its holder is dead. Redis expires keys by its clock, which may be set back.
local holder = redis.call('GET', base .. 'lease')
if holder and holder ~= node then
  local beat = redis.call('HGET', base .. 'nodes', holder)
  if beat and beat_millis(beat) >= tonumber(now) - lease_millis then
    return ''
  end
end
redis.call('SET', base .. 'lease', node, 'PX', lease_millis)

local more = false

-- Returns the index of the first item for which the test is false, by binary search. All items for which it is true come first.
local function partition(list, length, test)
  local low, high = 0, length
  while low < high do
    local middle = math.floor((low + high) / 2)
    if test(redis.call('LINDEX', list, middle)) then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

local function trim_channel(channel, max_events, expired_millis)
  local list = base .. 'c:' .. channel
  local length = redis.call('LLEN', list)
  local surplus = math.max(0, length - max_events)
  local function is_expired(item)
    return tonumber(string.match(item, '^%S+ (%d+)')) < expired_millis
  end
  -- looks at one item first, because usually nothing has expired and an item may be large
  if expired_millis > 0 and length > surplus and is_expired(redis.call('LINDEX', list, surplus)) then
    surplus = partition(list, length, is_expired)
  end
  if surplus > max_dropped then
    surplus = max_dropped
    more = true
  end
  -- keeps entries that this node has not shown, because a gap over them would end after the newest entry that it has shown
  if surplus > 0 and is_before(shown, redis.call('LINDEX', list, surplus - 1)) then
    surplus = partition(list, surplus, function(item) return not is_before(shown, item) end)
  end
  if surplus > 0 then
    local dropped = string.match(redis.call('LINDEX', list, surplus - 1), '^(%S+)')
    redis.call('HSET', base .. 'channels', channel, dropped)
    redis.call('LTRIM', list, surplus, -1)
    if surplus == length then
      redis.call('ZADD', base .. 'empty', parse(dropped), channel)
    end
  end
end

for i = 6, #ARGV, 3 do
  trim_channel(ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]))
end

for i = 1, max_receipts do
  local oldest = redis.call('LINDEX', base .. 'receipts:order', 0)
  if not oldest or tonumber(string.match(oldest, '^%d+')) >= receipts_millis then
    break
  end
  drop_oldest_receipt()
  more = more or i == max_receipts
end

redis.call('XTRIM', base .. 'recent', 'MINID', string.format('%.0f', redis_millis() - recent_millis))

-- If too many channels are empty, those that lost their last entry longest ago share one position.
local empty = redis.call('ZCARD', base .. 'empty')
if empty > max_empty then
  local forgotten = redis.call('HGET', KEYS[1], 'forgotten')
  local names = {}
  local popped = redis.call('ZPOPMIN', base .. 'empty', math.min(max_forgotten, empty - math.floor(max_empty / 2)))
  for i = 1, #popped, 2 do -- each channel with its score
    forgotten = later(forgotten, redis.call('HGET', base .. 'channels', popped[i]))
    redis.call('HDEL', base .. 'channels', popped[i])
    names[#names + 1] = popped[i]
  end
  local newest = redis.call('HGET', KEYS[1], 'newest')
  local id = format(next_id(newest, epoch_number(newest)))
  redis.call('HSET', KEYS[1], 'forgotten', forgotten, 'newest', id)
  redis.call('XADD', base .. 'recent', id, 'p', newest, 'f', table.concat(names, '\n')) -- tells all nodes
  more = true
end

local nodes = redis.call('HGETALL', base .. 'nodes')
for i = 1, #nodes, 2 do
  if beat_millis(nodes[i + 1]) < tonumber(now) - dead_millis then
    redis.call('HDEL', base .. 'nodes', nodes[i])
    redis.call('HDEL', base .. 'batches', nodes[i], nodes[i] .. ':latest')
  end
end
return more and 'more' or 'done'
