-- expect: error:C stack overflow -- __tostring that asks for its own text
local t = setmetatable({}, { __tostring = function(self) return tostring(self) end })
tostring(t)
