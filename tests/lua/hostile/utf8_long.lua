-- expect: timeout -- utf8 functions over a megabyte without end
local s = ("é"):rep(400000)
while true do
  local _ = utf8.len(s) + utf8.offset(s, 300000)
end
