-- expect: error:resulting string too large -- a text doubled until it does not fit
local s = "x"
while true do
  s = s:rep(2)
end
