-- Lets a node use the log. Decides whether Redis has lost entries that a node has shown.
--
-- ARGV: node, "<after> <through>" of each break that it has passed ('' if none), run, newest id that it has shown ('0-0' if
--   none), now, '1' if Redis writes an append-only file, milliseconds to wait for other nodes
-- Returns 'WAIT', if other nodes must join first; or
--   'JOINED'; the epoch; the newest id; the newest id that any forgotten channel may have lost; the log's own time; the
--   position from which the node can follow the stream of recent batches; and all breaks.
--
-- A run is one process of Redis. A new run may have fewer entries than the run before, because it was restored from a file or
-- was a replica. So nothing is appended to a new run until every node that was alive has reported the newest id that it has
-- shown. If a shown entry is missing, or a node does not report, entries may be lost.
--
-- Each new run begins an epoch, and so does each loss. A break is between two epochs: "<after> <through>". Ids that other
-- primaries have given after the first position and before the second are not in this log. Entries there may be lost, unless
-- '=' follows: then the run had everything. The end of the last break identifies the epoch. A number may follow: the last one
-- of the epochs between which the breaks were removed.
--
-- A node may stay with an old primary that other nodes have left, and show entries that the new primary does not have. The break
-- then begins at the last position up to which both primaries had the same entries.

local node, passed, run, shown, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local has_file, wait_millis = ARGV[6] == '1', tonumber(ARGV[7])
local breaks = base .. 'breaks'
local max_breaks = 100
local new_node_marks = 8 -- there is a mark in each megabyte of the stream

local function parse_break(text)
  local after, through, rest = string.match(text, '^(%S+) (%S+)(.*)$')
  return after, through, string.find(rest, '=', 1, true) ~= nil, tonumber(string.match(rest, '%d+') or epoch_number(through))
end

local function earlier(one, other)
  return one and other and is_before(other, one) and other or one or other
end

-- Returns the id before the first batch in the stream after the position that the node has shown, or nil if there is no batch.
-- It is later than that position if batches are missing in between, and earlier if the log lacks the entry there.
local function before_next()
  local batch = redis.call('XRANGE', base .. 'recent', '(' .. shown, '+', 'COUNT', 1)[1]
  return batch and batch[2][2] -- the field "p" comes first
end

-- Returns the position after which the node has shown entries of this epoch that the log lacks, although it has newer ones; or
-- nil. Another node may have appended after Redis has lost entries within a run.
local function rollback(epoch)
  local before = not is_before(shown, epoch) and before_next()
  return before and is_before(before, shown) and before or nil
end

-- Returns the position after which the node has shown entries that the log does not have, because another primary gave them; or
-- nil if there are none. The node and the log have the same entries in all epochs that both know, up to the end of the last one.
local function divergence(newest)
  local known, ends = {}, {} -- the epochs that the node knows, and where each has ended for the node
  local epoch
  for after, through in string.gmatch(passed, '(%S+) (%S+)') do
    if epoch then
      ends[epoch] = after
    end
    epoch = through
    known[epoch] = true
  end
  local diverged, log_end, is_covered = nil, newest, false
  local all = redis.call('LRANGE', breaks, 0, -1)
  for i = #all, 1, -1 do
    local after, through, lossless = parse_break(all[i])
    if known[through] then
      local own_end = ends[through]
      if own_end and not (is_covered and not is_before(own_end, log_end)) then
        return earlier(own_end, log_end)
      end
      return diverged
    end
    log_end = after
    is_covered = not lossless and is_before(shown, through) -- by a loss, which all subscribers are told
    diverged = not is_covered and not (lossless and not is_before(after, shown)) and after or nil
  end
  return diverged
end

-- Merges the oldest epoch before which nothing was lost with the one before it, or the two oldest breaks if there is none.
local function remove_break()
  local all = redis.call('LRANGE', breaks, 0, -1)
  for i = 2, #all - 1 do
    local _, _, lossless, number = parse_break(all[i])
    if lossless then
      local after, through, is_lossless = parse_break(all[i - 1])
      redis.call('LSET', breaks, i - 2,
        after .. ' ' .. through .. (is_lossless and ' = ' or ' ') .. string.format('%.0f', number))
      redis.call('LREM', breaks, 1, all[i])
      return
    end
  end
  local after = parse_break(redis.call('LPOP', breaks))
  local second = redis.call('LPOP', breaks)
  redis.call('LPUSH', breaks, after .. string.match(second, '^%S+(.*)$'))
end

-- Returns the number of the epoch that follows. It depends on the run, because two primaries may both begin an epoch after they
-- have parted. After a hundred thousand epochs, numbers rise by 1, because a sequence has 14 digits at most.
local function next_number(number)
  return number + 1 + (number < 50000000 and tonumber(string.sub(redis.sha1hex(run), 1, 8), 16) % 1000 or 0)
end

-- Begins an epoch. Returns its first id, which no entry has.
local function begin_epoch(from, newest, highest, lossless)
  local last = redis.call('LINDEX', breaks, -1)
  while not lossless and last and not is_before(last, from) do -- the new break covers it
    redis.call('RPOP', breaks)
    last = redis.call('LINDEX', breaks, -1)
  end
  local number = 0 -- of the first epoch
  if later(newest, highest) ~= '0-0' then
    number = next_number(math.max(epoch_number(newest), epoch_number(highest)))
  end
  local id = format(next_id(later(newest, highest), number))
  redis.call('RPUSH', breaks, from .. ' ' .. id .. (lossless and ' =' or ''))
  if redis.call('LLEN', breaks) > max_breaks then
    remove_break()
  end
  redis.call('HSET', KEYS[1], 'epoch', id, 'newest', id)
  if lossless then -- nodes that have everything go on in the stream
    redis.call('XADD', base .. 'recent', id, 'p', newest, 'r', run)
  else
    redis.call('DEL', base .. 'restored')
  end
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
local diverged = log[1] and earlier(divergence(newest), rollback(log[1]))
if not log[1] then -- an empty database
  redis.call('HSET', KEYS[1], 'format', '1', 'bytes', '0', 'forgotten', '0-0')
  newest = begin_epoch('0-0', '0-0', shown, false)
elseif log[2] ~= run then
  local result, highest, from = check_in(newest, log[4] == '1', diverged)
  if result == 'WAIT' then
    return { 'WAIT' }
  end
  newest = begin_epoch(from, newest, highest, result == 'whole')
elseif diverged or is_before(newest, shown) then
  newest = begin_epoch(earlier(diverged, newest), newest, shown, false)
end
redis.call('HSET', KEYS[1], 'run', run)
redis.call('HDEL', KEYS[1], 'clean')

-- A node that joins again has kept the log's own time itself. While there was no node, that time advanced with the clock of
-- Redis.
local millis = tonumber(now)
if log[5] then
  millis = math.max(tonumber(log[5]), passed ~= '' and millis or redis_millis() - tonumber(log[6]))
end
redis.call('HSET', base .. 'nodes', node, string.format('%.0f', millis) .. ' ' .. shown)
redis.call('HSET', KEYS[1], 'millis', string.format('%.0f', millis), 'ahead',
  string.format('%.0f', redis_millis() - millis))

local whole = before_next() or newest
if shown == '0-0' then -- a new node is ready soon, because it reads older entries only when a subscriber wants them
  local mark = redis.call('LINDEX', base .. 'recent:marks', -new_node_marks - 1)
  whole = mark and later(whole, string.match(mark, '^%S+')) or whole
end
local all = redis.call('LRANGE', breaks, 0, -1)
for i = #all, 1, -1 do
  local _, through, lossless = parse_break(all[i])
  if not lossless then
    whole = later(whole, through)
    break
  end
end
return { 'JOINED', redis.call('HGET', KEYS[1], 'epoch'), newest, redis.call('HGET', KEYS[1], 'forgotten'),
  string.format('%.0f', millis), whole, unpack(all) }
