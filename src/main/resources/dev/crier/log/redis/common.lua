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

-- Returns the id that follows the given one: the time of Redis if that is later, otherwise the next sequence. So ids rise even
-- if the clock is set back.
local function next_id(id)
  local millis, sequence = parse(id)
  local now = redis_millis()
  if now > millis then
    return now, 0
  end
  return millis, sequence + 1
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
