-- What several scripts use. It is put before each of them.
-- An event id is "<milliseconds>-<sequence>". Numbers have at most 15 digits, which Lua's doubles hold exactly.

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

-- Returns the first id after this one, by the clock of Redis. It never goes back, even if the clock does.
local function next_id(id)
  local millis, sequence = parse(id)
  local now = redis_millis()
  if now > millis then
    return now, 0
  end
  return millis, sequence + 1
end
