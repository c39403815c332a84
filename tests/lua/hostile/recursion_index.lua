-- expect: error:C stack overflow -- __index that indexes itself
local t = {}
setmetatable(t, { __index = function(self, k) return self[k .. "x"] end })
local _ = t.a
