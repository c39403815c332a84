-- expect: timeout -- an endless loop in __tostring, asked by tostring
local t = setmetatable({}, { __tostring = function()
  while true do
  end
end })
while true do
  pcall(tostring, t)
end
