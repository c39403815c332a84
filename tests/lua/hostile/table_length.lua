-- expect: ok -- a length of 2^62, by holes
local t = {}
for i = 0, 62 do
  t[1 << i] = true
end
pcall(table.unpack, t)
pcall(table.concat, t)
pcall(table.sort, t)
assert(#t > 0)
