-- expect: timeout -- next over a table that was emptied: each call walks all of it
local t = {}
for i = 1, 60000 do
  t[i] = i
end
for i = 1, 60000 do
  t[i] = nil
end
while true do
  local _ = next(t)
end
