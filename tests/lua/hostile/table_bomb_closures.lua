-- expect: memory -- closures without end
local t = {}
while true do
  local f = t
  t = function() return f end
end
