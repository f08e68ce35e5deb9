-- Lua: tables, closures, coroutines, metatables, string patterns, integers and floats, files, popen, the collector.
local function range(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
local sum = 0; for i in range(1000) do sum = sum + i * i end; print(sum)
local V = setmetatable({}, { __call = function(V, x, y) return setmetatable({ x = x, y = y }, V) end }); V.__index = V
V.__add = function(a, b) return V(a.x + b.x, a.y + b.y) end; V.__tostring = function(v) return '(' .. v.x .. ', ' .. v.y .. ')' end
print(tostring(V(1, 2) + V(3, 4.5)))
-- A glider on a torus comes back after 4 generations, one cell further down and to the right.
local N, alive = 16, {}
local function key(x, y) return (x % N) * N + y % N end
for _, c in ipairs { { 1, 0 }, { 2, 1 }, { 0, 2 }, { 1, 2 }, { 2, 2 } } do alive[key(c[1], c[2])] = true end
local function step(now)
  local near, later = {}, {}
  for c in pairs(now) do local x, y = c // N, c % N; for i = -1, 1 do for j = -1, 1 do if i ~= 0 or j ~= 0 then local k = key(x + i, y + j); near[k] = (near[k] or 0) + 1 end end end end
  for c, n in pairs(near) do if n == 3 or n == 2 and now[c] then later[c] = true end end
  return later
end
for _ = 1, 4 * N do alive = step(alive) end
local cells = {}; for c in pairs(alive) do cells[#cells + 1] = c end; table.sort(cells); print(table.concat(cells, ' '))
print(('key = value; other=2'):gsub('(%w+)%s*=%s*(%w+)', '%2=%1')); print(string.format('%q %5.2f %x', 'a\nb', 3.14159, 48879), 7 // 2, -7 // 2, 2 ^ 53 | 0, math.maxinteger + 1 == math.mininteger)
local f = assert(io.open('numbers', 'w')); for i = 1, 500 do f:write(i, '\n') end; f:close()
local n = 0; for l in io.lines('numbers') do n = n + tonumber(l) end; print(n)
local p = io.popen('wc -l < numbers'); print(p:read('n')); print(p:close()); print(select(2, pcall(error, { code = 7 })).code)
for i = 1, 200 do local t = {}; for j = 1, 1000 do t[j] = { j } end end; collectgarbage(); print(collectgarbage('count') < 4096)
os.exit(5)
