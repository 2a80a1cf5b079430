-- Lets a node use the log. Decides whether Redis has lost entries that a node has shown.
--
-- ARGV: node, the epoch that it knows ('' if none), run, newest id that it has shown ('0-0' if none), now,
--   '1' if Redis writes an append-only file, milliseconds to wait for other nodes
-- Returns 'WAIT', if other nodes must join first; or
--   'JOINED'; the epoch; the newest id; the newest id that any forgotten channel may have lost; the log's own time; the
--   position after which the stream of recent batches is whole; and all breaks.
--
-- A run is one process of Redis. A new run may have fewer entries than the run before, because it was restored from a file or
-- was a replica. So nothing is appended to a new run until every node that was alive has reported the newest id that it has
-- shown. If a shown entry is missing, or a node does not report, a break is recorded. A break is "<after> <through>": entries
-- after the first position and up to the second may be missing. The end of the last break identifies the epoch.
--
-- A node may stay with an old primary that other nodes have left, and show entries that the new primary does not have. The break
-- then begins at the last position up to which both primaries had the same entries.

local node, epoch, run, shown, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local has_file, wait_millis = ARGV[6] == '1', tonumber(ARGV[7])
local max_breaks = 100

-- Returns the position after which the node has shown entries of a primary that the log has left, or nil if it has shown none.
local function divergence(log_epoch)
  if epoch == '' or epoch == log_epoch or is_before(shown, log_epoch) then
    return nil
  end
  local breaks = redis.call('LRANGE', base .. 'breaks', 0, -1)
  for i = 1, #breaks - 1 do
    if string.match(breaks[i], '(%S+)$') == epoch then
      return string.match(breaks[i + 1], '^(%S+)')
    end
  end
  return '0-0'
end

local function earlier(one, other)
  return one and other and is_before(other, one) and other or one or other
end

local function record_break(from, newest, highest)
  local breaks = base .. 'breaks'
  local last = redis.call('LINDEX', breaks, -1)
  while last and not is_before(string.match(last, '^(%S+)'), from) do -- the new break covers it
    redis.call('RPOP', breaks)
    last = redis.call('LINDEX', breaks, -1)
  end
  local number = 0 -- of the first epoch
  if later(newest, highest) ~= '0-0' then
    number = math.max(epoch_number(newest), epoch_number(highest)) + 1
  end
  local id = format(next_id(later(newest, highest), number))
  redis.call('RPUSH', breaks, from .. ' ' .. id)
  if redis.call('LLEN', breaks) > max_breaks then -- merges the two oldest
    local first, second = redis.call('LPOP', breaks), redis.call('LPOP', breaks)
    redis.call('LPUSH', breaks, string.match(first, '^(%S+)') .. ' ' .. string.match(second, '(%S+)$'))
  end
  redis.call('HSET', KEYS[1], 'epoch', id, 'newest', id)
  redis.call('DEL', base .. 'restored')
  return id
end

-- Records what the node has shown in a new run, and compares it with the entries of the run once all nodes have reported.
-- Returns 'WAIT', 'whole' or 'broken'; the newest id that any node has shown; and the position at which the break begins.
local function check_in(newest, clean, diverged)
  local checkin = base .. 'checkin'
  if redis.call('HGET', checkin, 'run') ~= run then
    redis.call('DEL', checkin)
    redis.call('HSET', checkin, 'run', run, 'since', string.format('%.0f', redis_millis()))
  end
  redis.call('HSET', checkin, 'node ' .. node, shown)
  diverged = earlier(diverged, redis.call('HGET', checkin, 'diverged') or nil)
  if diverged then
    redis.call('HSET', checkin, 'diverged', diverged)
  end
  local missing = 0
  for _, other in ipairs(alive_nodes(0)) do
    if redis.call('HEXISTS', checkin, 'node ' .. other) == 0 then
      missing = missing + 1
    end
  end
  local waited = redis_millis() - tonumber(redis.call('HGET', checkin, 'since'))
  if missing > 0 and waited >= 0 and waited < wait_millis then
    return 'WAIT', newest
  end
  local highest, witness = '0-0', false
  local checked = redis.call('HGETALL', checkin)
  for i = 1, #checked, 2 do
    if string.sub(checked[i], 1, 5) == 'node ' and checked[i + 1] ~= '0-0' then
      witness = true
      highest = later(highest, checked[i + 1])
    end
  end
  redis.call('DEL', checkin)
  local known = missing == 0 and not diverged and (witness or clean and has_file)
  return known and not is_before(newest, highest) and 'whole' or 'broken', highest, earlier(diverged, newest)
end

local log = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'newest', 'clean', 'millis', 'ahead')
local newest = log[3]
local diverged = log[1] and divergence(log[1])
if not log[1] then -- an empty database
  redis.call('HSET', KEYS[1], 'format', '1', 'bytes', '0', 'forgotten', '0-0')
  newest = record_break('0-0', '0-0', shown)
elseif log[2] ~= run then
  local result, highest, from = check_in(newest, log[4] == '1', diverged)
  if result == 'WAIT' then
    return { 'WAIT' }
  end
  if result == 'broken' then
    newest = record_break(from, newest, highest)
  end
elseif diverged or is_before(newest, shown) then
  newest = record_break(earlier(diverged, newest), newest, shown)
end
redis.call('HSET', KEYS[1], 'run', run)
redis.call('HDEL', KEYS[1], 'clean')

-- A node that joins again has kept the log's own time itself. While there was no node, that time advanced with the clock of
-- Redis.
local millis = tonumber(now)
if log[5] then
  millis = math.max(tonumber(log[5]), epoch ~= '' and millis or redis_millis() - tonumber(log[6]))
end
redis.call('HSET', base .. 'nodes', node, string.format('%.0f', millis) .. ' ' .. shown)
redis.call('HSET', KEYS[1], 'millis', string.format('%.0f', millis), 'ahead',
  string.format('%.0f', redis_millis() - millis))

local breaks = redis.call('LRANGE', base .. 'breaks', 0, -1)
local whole = newest
local oldest = redis.call('XRANGE', base .. 'recent', '-', '+', 'COUNT', 1)[1]
if oldest then
  whole = oldest[2][2] -- the field "p" comes first
end
whole = later(whole, string.match(breaks[#breaks], '(%S+)$'))
return { 'JOINED', redis.call('HGET', KEYS[1], 'epoch'), newest, redis.call('HGET', KEYS[1], 'forgotten'),
  string.format('%.0f', millis), whole, unpack(breaks) }
