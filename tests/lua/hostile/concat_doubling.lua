-- expect: memory -- a text joined to itself until it does not fit
local s = "x"
while true do
  s = s .. s
end
