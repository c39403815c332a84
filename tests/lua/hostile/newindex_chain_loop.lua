-- expect: error:'__newindex' chain too long -- tables that are the __newindex of each other
local a, b = {}, {}
setmetatable(a, { __newindex = b })
setmetatable(b, { __newindex = a })
a.x = 1
