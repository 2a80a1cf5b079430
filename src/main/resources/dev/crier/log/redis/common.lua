-- Functions that several scripts use. Crier puts this text before each script.
--
-- An event id is "<milliseconds>-<sequence>". Both numbers have at most 15 digits, which Lua's doubles hold exactly.

local base = string.sub(KEYS[1], 1, -4) -- KEYS[1] is "{prefix}:log"

local function parse(id)
  local millis, sequence = string.match(id, '^(%d+)-(%d+)')
  return tonumber(millis), tonumber(sequence)
end

local function format(millis, sequence)
  return string.format('%.0f-%.0f', millis, sequence)
end

local function is_before(one, other)
  local millis, sequence = parse(one)
  local other_millis, other_sequence = parse(other)
  return millis < other_millis or millis == other_millis and sequence < other_sequence
end

local function later(one, other)
  return is_before(one, other) and other or one
end

local function redis_millis()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- An epoch has a number, and its ids have sequences from the number times this. So two primaries that are in use at once never
-- give the same id.
local epoch_sequences = 1000000

-- A batch begins only where this many ids are left in the epoch. A publication has at most half as many events
-- (publish.maxBatchEvents).
local max_batch = 200000

local function epoch_number(id)
  local _, sequence = parse(id)
  return math.floor(sequence / epoch_sequences)
end

-- Returns the id that follows the given one in an epoch: the time of Redis if that is later, otherwise the next sequence, or the
-- next millisecond if its sequences are used up. So ids rise even if the clock is set back.
local function next_id(id, number)
  local millis, sequence = parse(id)
  local first = number * epoch_sequences
  local now = redis_millis()
  if now > millis then
    return now, first
  end
  if sequence + 1 < first then
    return millis, first
  end
  if sequence + 1 < first + epoch_sequences - max_batch then
    return millis, sequence + 1
  end
  return millis + 1, first
end

local alive_millis = 5000

-- Returns the time of a node's last beat, by the log's own time.
local function beat_millis(beat)
  return tonumber(string.match(beat, '^(%d+)'))
end

-- Returns the nodes whose last beat is at most five seconds older than the newest beat of any node, or than the given time if
-- that is later.
local function alive_nodes(last)
  local nodes = redis.call('HGETALL', base .. 'nodes')
  for i = 2, #nodes, 2 do
    last = math.max(last, beat_millis(nodes[i]))
  end
  local alive = {}
  for i = 2, #nodes, 2 do
    if beat_millis(nodes[i]) >= last - alive_millis then
      alive[#alive + 1] = nodes[i - 1]
    end
  end
  return alive
end

-- Drops the oldest receipt. The order of the receipts has a line for each, "<time> <receipt>". If a later part of a stream has
-- renewed the receipt since, its line goes to the end instead. Returns whether the receipt was dropped.
local function drop_oldest_receipt()
  local order = base .. 'receipts:order'
  local at, receipt = string.match(redis.call('LPOP', order), '^(%d+) (.*)$')
  local renewed = string.match(redis.call('HGET', base .. 'receipts', receipt) or '', ' (%d+) %S+$') or at
  if renewed == at then
    redis.call('HDEL', base .. 'receipts', receipt)
    return true
  end
  redis.call('RPUSH', order, renewed .. ' ' .. receipt)
  return false
end
