-- expect: error:error object is a table value -- an error object that holds itself
local t = {}
t.message = t
error(t)
