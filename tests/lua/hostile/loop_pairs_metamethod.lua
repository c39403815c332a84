-- expect: timeout -- __pairs that gives an endless iterator
local t = setmetatable({}, { __pairs = function() return function() return 1 end end })
for k in pairs(t) do
  local _ = k
end
