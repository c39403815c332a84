-- expect: timeout -- an endless loop in __lt, asked by sort
local mt = { __lt = function()
  while true do
  end
end }
local t = { setmetatable({}, mt), setmetatable({}, mt) }
pcall(table.sort, t)
