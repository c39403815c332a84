-- expect: timeout -- insert at the front of a table whose length is 2^62
local t = {}
for i = 0, 62 do
  t[1 << i] = true
end
for i = 1, 1 << 40 do
  table.insert(t, 1, i)
  table.remove(t, 1)
end
