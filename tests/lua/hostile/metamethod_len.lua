-- expect: timeout -- an endless loop in __len
local _ = #setmetatable({}, { __len = function()
  while true do
  end
end })
