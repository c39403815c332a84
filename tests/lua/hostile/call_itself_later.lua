-- expect: error:attempt to call a table value -- the same, put in after setmetatable
local mt = {}
local t = setmetatable({}, mt)
mt.__call = t
t()
