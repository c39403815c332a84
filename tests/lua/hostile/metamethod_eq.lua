-- expect: timeout -- an endless loop in __eq
local mt = { __eq = function()
  while true do
  end
end }
local _ = setmetatable({}, mt) == setmetatable({}, mt)
