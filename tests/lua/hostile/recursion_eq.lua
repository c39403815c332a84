-- expect: error:C stack overflow -- __eq that compares its operands
local mt = {}
mt.__eq = function(a, b) return a == b end
local _ = setmetatable({}, mt) == setmetatable({}, mt)
