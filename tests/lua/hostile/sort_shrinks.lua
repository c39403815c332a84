-- expect: ok -- a comparator that empties the list that is sorted
local t = {}
for i = 1, 200 do
  t[i] = 200 - i
end
table.sort(t, function(a, b)
  for i = 1, 200 do
    t[i] = nil
  end
  return a < b
end)
assert(t[1] == 0 and t[200] == 199)
