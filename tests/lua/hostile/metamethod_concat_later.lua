-- expect: error:attempt to concatenate a table value -- the same, put in after setmetatable
local mt = {}
local t = setmetatable({}, mt)
mt.__concat = function() return "x" end
local _ = "a" .. t
