-- expect: timeout -- a full table whose every new key rehashes it
local t = {}
for i = 1, 30000 do
  t["k" .. i] = i
end
local i = 30000
while true do
  i = i + 1
  t["k" .. i] = i
  t["k" .. i - 30000] = nil
end
