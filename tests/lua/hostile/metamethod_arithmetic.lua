-- expect: timeout -- an endless loop in __add
local t = setmetatable({}, { __add = function()
  while true do
  end
end })
local _ = t + 1
