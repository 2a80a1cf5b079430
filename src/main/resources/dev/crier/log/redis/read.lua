-- Reads the entries of a channel after one position and through another. Stops after the entry that reaches the size.
--
-- ARGV: channel, after, through, bytes
-- Returns the newest id that the channel has lost to retention, and the items of its list.

local channel, after, through, max_bytes = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local list = base .. 'c:' .. channel

local dropped = redis.call('HGET', base .. 'channels', channel)
  or redis.call('HGET', KEYS[1], 'forgotten')
  or '0-0'
local length = redis.call('LLEN', list)

-- the index of the first item after the position
local low, high = 0, length
while low < high do
  local middle = math.floor((low + high) / 2)
  if is_before(after, redis.call('LINDEX', list, middle)) then
    high = middle
  else
    low = middle + 1
  end
end

local result = { dropped }
local bytes, size = 0, 4 -- the size of the first items decides how many are read next
while low < length and bytes < max_bytes do
  for _, item in ipairs(redis.call('LRANGE', list, low, low + size - 1)) do
    if bytes >= max_bytes or is_before(through, item) then
      return result
    end
    result[#result + 1] = item
    bytes = bytes + #item
  end
  low = low + size
  size = math.max(1, math.min(100, math.ceil((max_bytes - bytes) / (bytes / (#result - 1)))))
end
return result
