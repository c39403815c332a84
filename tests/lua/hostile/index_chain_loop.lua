-- expect: error:'__index' chain too long -- tables that are the __index of each other
local a, b = {}, {}
setmetatable(a, { __index = b })
setmetatable(b, { __index = a })
local _ = a.x
