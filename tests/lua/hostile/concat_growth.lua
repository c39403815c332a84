-- expect: memory -- texts of half a megabyte, kept
local t = {}
local s = ("x"):rep(500000)
while true do
  t[#t + 1] = s .. #t
end
