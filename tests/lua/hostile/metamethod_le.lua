-- expect: timeout -- an endless loop in __le
local mt = { __le = function()
  while true do
  end
end }
local _ = setmetatable({}, mt) <= setmetatable({}, mt)
