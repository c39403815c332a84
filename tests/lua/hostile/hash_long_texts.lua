-- expect: timeout -- long texts as keys: each is hashed whole
local t = {}
local s = ("x"):rep(400000)
local i = 0
while true do
  i = i + 1
  t[s .. i] = nil
  local _ = t[s .. i]
end
