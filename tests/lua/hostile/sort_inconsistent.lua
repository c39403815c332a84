-- expect: ok -- a comparator that contradicts itself
local t = {}
for i = 1, 200 do
  t[i] = i * 7 % 13
end
table.sort(t, function() return true end)
local n = 0
table.sort(t, function()
  n = n + 1
  return n % 3 == 0
end)
assert(#t == 200)
