-- expect: timeout -- texts taken apart and put together without end
local s = ("a,b;"):rep(10000)
while true do
  local t = {}
  for part in s:gmatch("[^,;]+") do
    t[#t + 1] = part
  end
  s = table.concat(t, ",")
end
