-- expect: timeout -- an endless loop in __index
local t = setmetatable({}, { __index = function()
  while true do
  end
end })
local _ = t.x
