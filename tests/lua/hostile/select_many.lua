-- expect: timeout -- select over many arguments, quadratic
local function count(...)
  local n = 0
  for i = 1, select("#", ...) do
    n = n + #{ select(i, ...) }
  end
  return n
end
local t = {}
for i = 1, 5000 do
  t[i] = i
end
while true do
  count(table.unpack(t))
end
