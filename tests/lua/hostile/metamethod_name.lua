-- expect: error:bad argument -- a __name that is a megabyte long
local t = setmetatable({}, { __name = ("x"):rep(500000) })
string.rep(t)
