-- Appends a batch of publications: all of them, or none. The script is long because a batch is checked and stored in one step.
--
-- ARGV: node, batch number, epoch, run, now, and for each publication:
--   channel, 'latest', 'events' or 'restored', idempotency key, digest, number of events, and the events as "<type>\n<data>".
--   '!' may follow the second word: the channel must not have ended. Then a space and a precondition may follow: the id of the
--   channel's newest event, or '*' if the channel must have no event. A restored publication is a latest event that the node
--   has shown. It has the event's first id instead of a key. A part of a stream has two digests with a space between: of all
--   events of the stream before it, and of these and its own.
-- Without publications, the script only checks whether the node could append, and returns ''. Otherwise it returns the id of
-- the first stored event, and for each publication:
--   '+' if it was stored,
--   '!' if its key was used for something else,
--   '=', an id, '=' and a digest if it is a part of a stream, and others than the events before it are stored under its key:
--     the id of the last one, and the digest of all of them,
--   '^' and the id of the channel's newest event if the channel has ended with it,
--   '~' and the id of the channel's newest event if the precondition does not hold; only '~' if the channel has no event,
--   '-' if it is restored, and Redis has the same event or a newer one,
--   the first id of the earlier attempt if there was one.
-- All ids of a batch have the same milliseconds and consecutive sequences.

local node, number, epoch, run, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local max_receipts = 1000000
local max_renewed = 10 -- receipts of running streams that are older than one that makes room
local mark_bytes = 1048576 -- old batches leave the stream in steps of a megabyte
local recent_bytes = 67108864
local item_bytes = 60 -- of an item in the stream, beside the batch
local max_push = 4000 -- Lua's stack limits the arguments of one call

local log = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'newest', 'bytes', 'forgotten', 'millis')
if log[1] ~= epoch or log[2] ~= run then
  return redis.error_reply('EPOCH another node has found that Redis was restarted or has lost entries')
end

if redis.call('HEXISTS', base .. 'nodes', string.match(node, '^[^:]+')) == 0 then
  return redis.error_reply('EPOCH the node has left')
end

-- A node sends a batch again if the answer was lost. Its number makes sure that it is stored once.
local last = redis.call('HGET', base .. 'batches', node)
if last then
  local last_number, answer = string.match(last, '^(%d+) (.*)$')
  if last_number == number then
    return answer
  end
  if tonumber(last_number) > tonumber(number) then
    return redis.error_reply('STALE the node has sent a later batch')
  end
end

if #ARGV == 5 then
  return '' -- a probe
end

if #ARGV > max_batch then
  return redis.error_reply('ERR a batch has too many events')
end

now = string.format('%.0f', math.max(tonumber(now), tonumber(log[6]))) -- the clock of the node may be late
local newest = log[3]
local millis, sequence = next_id(newest, epoch_number(newest))
local prefix = string.format('%.0f-', millis) -- appending a number keeps 14 digits, enough for a sequence
local suffix = ' ' .. now .. '\n'
local first_id = format(millis, sequence)
local outcomes = {}
local blob = {}

local function push(list, items)
  local length
  for i = 1, #items, max_push do
    length = redis.call('RPUSH', list, unpack(items, i, math.min(i + max_push - 1, #items)))
  end
  return length
end

local function newest_item(channel)
  return redis.call('LINDEX', base .. 'c:' .. channel, -1)
end

-- Returns the id of the channel's newest event, and the id with which it was published. They differ if the event was restored.
local function newest_ids(channel, item)
  local id = string.match(item, '^(%S+)')
  local restored = redis.call('HGET', base .. 'restored', channel)
  if restored then
    local new_id, first_id = string.match(restored, '^(%S+) (%S+)$')
    return id, new_id == id and first_id or id
  end
  return id, id
end

-- Returns whether the restored event is newer than the one that Redis has. Several nodes may restore the channel, and a
-- publisher may have published to it since. A restored event is as old as its first id, although it has a new one.
local function is_newer(channel, first_id)
  local item = newest_item(channel)
  if not item then
    return true
  end
  local _, published_id = newest_ids(channel, item)
  return is_before(published_id, first_id)
end

-- Returns the answer to a publication that requires something else of its channel, or nil. The publisher may know a restored
-- event by either id.
local function refusal(channel, open, precondition)
  local item = newest_item(channel)
  if not item then
    return precondition ~= '' and precondition ~= '*' and '~' or nil
  end
  if open ~= '' and string.find(item, '^%S+ %d+\ncrier%.end\n') then
    return '^' .. string.match(item, '^(%S+)')
  end
  if precondition ~= '' then
    local id, published_id = newest_ids(channel, item)
    return id ~= precondition and published_id ~= precondition and '~' .. id or nil
  end
end

-- Returns the answer to a publication by the receipt of its key, or nil if the publication is the next part of the same stream.
local function repeated(earlier, before, digest)
  local stored, id = string.match(earlier, '^(%S*) %d+ (%S+)$')
  if not before then
    return stored == digest and id or '!'
  end
  return stored ~= before and '=' .. id .. '=' .. stored or nil
end

-- Remembers a publication with a key: the id of its first event, or of the last one of a stream.
local function remember(receipt, digest, id, is_new)
  redis.call('HSET', base .. 'receipts', receipt, digest .. ' ' .. now .. ' ' .. id)
  if is_new and redis.call('RPUSH', base .. 'receipts:order', now .. ' ' .. receipt) > max_receipts then
    local dropped
    for _ = 0, max_renewed do
      dropped = dropped or drop_oldest_receipt()
    end
  end
end

local argument = 6
while argument <= #ARGV do
  local channel, key, digest = ARGV[argument], ARGV[argument + 2], ARGV[argument + 3]
  local kind, open, precondition = string.match(ARGV[argument + 1], '^(%a+)(!?) ?(.*)$')
  local count = tonumber(ARGV[argument + 4])
  local first_event = argument + 5
  argument = first_event + count

  local answer, first_shown, receipt, earlier, before
  if kind == 'restored' then
    first_shown = key
    answer = not is_newer(channel, first_shown) and '-'
  elseif key ~= '' then
    receipt = channel .. '\n' .. key
    before, digest = string.match(digest, '^(%S*) ?(%S*)$')
    if digest == '' then
      before, digest = nil, before
    end
    earlier = redis.call('HGET', base .. 'receipts', receipt)
    answer = earlier and repeated(earlier, before, digest)
  end
  if not answer and (open ~= '' or precondition ~= '') then
    answer = refusal(channel, open, precondition)
  end

  if not answer then
    if receipt then
      remember(receipt, digest, prefix .. (before and sequence + count - 1 or sequence), not earlier)
    end
    if first_shown then
      redis.call('HSET', base .. 'restored', channel, prefix .. sequence .. ' ' .. first_shown)
    end
    local items = {}
    local part = #blob + 1
    blob[part] = #channel .. ':' .. channel .. count .. ':'
    for i = 1, count do
      local event = ARGV[first_event + i - 1]
      items[i] = prefix .. sequence .. suffix .. event
      blob[part + 1], blob[part + 2], blob[part + 3] = #event, ':', event
      part = part + 3
      sequence = sequence + 1
    end
    local list = base .. 'c:' .. channel
    local length = push(list, items)
    if length == #items then
      redis.call('HSETNX', base .. 'channels', channel, log[5])
      redis.call('ZREM', base .. 'empty', channel)
    end
    if kind ~= 'events' and length > 1 then
      redis.call('LTRIM', list, -1, -1)
    end
  end
  outcomes[#outcomes + 1] = answer or '+'
end

local answer = first_id .. ' ' .. table.concat(outcomes, ' ')
redis.call('HSET', base .. 'batches', node, number .. ' ' .. answer)
if #blob > 0 then
  local id = prefix .. (sequence - 1)
  local batch = table.concat(blob)
  local before = tonumber(log[4])
  local total = before + #batch + item_bytes
  redis.call('HSET', KEYS[1], 'newest', id, 'bytes', string.format('%.0f', total))
  redis.call('XADD', base .. 'recent', id, 'p', newest, 't', now, 'b', batch)
  if math.floor(before / mark_bytes) < math.floor(total / mark_bytes) then
    redis.call('RPUSH', base .. 'recent:marks', id .. ' ' .. string.format('%.0f', total))
    local min_id
    while true do
      local mark_id, mark_total = string.match(redis.call('LINDEX', base .. 'recent:marks', 0), '^(%S+) (%d+)$')
      if tonumber(mark_total) >= total - recent_bytes then
        break
      end
      min_id = mark_id
      redis.call('LPOP', base .. 'recent:marks')
    end
    if min_id then
      redis.call('XTRIM', base .. 'recent', 'MINID', min_id)
    end
  end
end
return answer
