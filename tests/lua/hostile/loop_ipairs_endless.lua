-- expect: timeout -- ipairs over a table that never ends
local t = setmetatable({}, { __index = function() return 1 end })
for i, v in ipairs(t) do
  local _ = i + v
end
